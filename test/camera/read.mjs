// Reads the clock of the test camera (picture.h) from grey values. Runs in node and in a page: it
// has no imports, and `String(makeReader)` can be sent to a browser.

/** Returns read(grey, width, height): Unix ms of the frame, or null when the cells do not add up.
 * `grey` holds one byte a pixel of the whole frame, or of its top eighth if `band` is true. */
export function makeReader() {
  const COLUMNS = 16;
  const ROWS = 4;

  function mean(grey, width, x0, x1, y0, y1) {
    let sum = 0;
    let n = 0;
    for (let y = y0; y < y1; y++)
      for (let x = x0; x < x1; x++, n++) sum += grey[y * width + x];
    return n ? sum / n : 0;
  }

  function crc16(bytes) {
    let crc = 0xffff;
    for (const b of bytes) {
      crc ^= b << 8;
      for (let i = 0; i < 8; i++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : crc << 1;
    }
    return crc & 0xffff;
  }

  return function read(grey, width, height, band = false) {
    const cellHeight = (band ? height : height / 8) / ROWS;
    const cellWidth = width / COLUMNS;
    const bytes = Array.from({ length: 8 }, () => 0);
    for (let i = 0; i < 64; i++) {
      const x = (i % COLUMNS) * cellWidth;
      const y = Math.floor(i / COLUMNS) * cellHeight;
      const light = mean(
        grey,
        width,
        Math.floor(x + cellWidth * 0.3),
        Math.max(Math.floor(x + cellWidth * 0.3) + 1, Math.ceil(x + cellWidth * 0.7)),
        Math.floor(y + cellHeight * 0.3),
        Math.max(Math.floor(y + cellHeight * 0.3) + 1, Math.ceil(y + cellHeight * 0.7)),
      );
      if (light > 128) bytes[i >> 3] |= 0x80 >> (i & 7);
    }
    if (crc16(bytes.slice(0, 6)) !== bytes[6] * 256 + bytes[7]) return null;
    return bytes.slice(0, 6).reduce((ms, b) => ms * 256 + b, 0);
  };
}
