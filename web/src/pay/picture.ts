/** Draws a picture of a code large and on white, as a bank's app wants to read it from the album. */
const side = 960;
const margin = 60;

const loaded = (url: string): Promise<HTMLImageElement> =>
  new Promise((done, fail) => {
    const img = new Image();
    img.crossOrigin = 'anonymous';
    img.addEventListener('load', () => done(img));
    img.addEventListener('error', () => fail(new Error('picture: not loaded')));
    img.src = url;
  });

/** The code with what it is for written below it, as a file. */
async function drawn(url: string, below: string): Promise<Blob> {
  const img = await loaded(url);
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: side, height: side + 100 });
  const to = canvas.getContext('2d');
  if (!to) throw new Error('picture: no canvas');
  to.fillStyle = '#fff';
  to.fillRect(0, 0, canvas.width, canvas.height);
  to.imageSmoothingEnabled = false;
  to.drawImage(img, margin, margin, side - 2 * margin, side - 2 * margin);
  to.fillStyle = '#1b1630';
  to.font = '700 40px system-ui, sans-serif';
  to.textAlign = 'center';
  to.fillText(below, side / 2, side + 30, side - 2 * margin);
  return new Promise((done, fail) => {
    canvas.toBlob((b) => (b ? done(b) : fail(new Error('picture: empty'))), 'image/png');
  });
}

/** Puts it among the downloads. False: this browser, or the host of the picture, does not let us. */
export async function savePicture(url: string, name: string, below: string): Promise<boolean> {
  try {
    const href = URL.createObjectURL(await drawn(url, below));
    const a = Object.assign(document.createElement('a'), { href, download: `${name}.png` });
    a.click();
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
    return true;
  } catch {
    return false;
  }
}
