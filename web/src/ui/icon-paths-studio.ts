// Same grid and stroke as icon-paths.ts; only the studio draws these, so only it loads them.
export const studioPaths = {
  card: 'M3 6.500h18v11H3zM3 10.500h18M6.5 14.500h3',
  bank: 'M4 9.500L12 4l8 5.500H4zM6 12v5M10 12v5M14 12v5M18 12v5M4 20h16',
  qr: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.500v2.500M20 14v6h-3M14 20h.01',
  barcode: 'M4 6v12M7 6v12M10 6v12M14 6v12M17 6v12M20 6v12',
  pin: 'M9 4h6l-.8 6 3.3 3.500h-11L9.8 10 9 4zM12 13.500V21',
  phone: 'M6 3.500h3.500l1.5 4-2 1.800a11 11 0 005.7 5.700l1.8-2 4 1.500V18c0 1.5-1 2.5-2.5 2.500C11 20.5 3.5 13 3.5 6 3.5 4.5 4.5 3.5 6 3.500z',
  grid: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
  chart: 'M4 20V4M4 20h16M8 16.500v-4M12 16.500v-8M16 16.500v-6',
  wallet: 'M4 7h15v12H4zM4 7l11-3v3M15.5 13h.01',
  drag: 'M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01',
  mutep: 'M12 12a4 4 0 100-8 4 4 0 000 8zM4.5 20.500c.8-4 3.8-6 7.5-6M16 16l5 5M21 16l-5 5',
  cal: 'M4 6h16v14H4zM4 10.500h16M8 3.500V7M16 3.500V7',
  stop: 'M6 6h12v12H6z',
  flag: 'M5 21V4M5 5h12l-2 4 2 4H5',
  shield: 'M12 3l8 3v6c0 4.500-3.200 7.600-8 9-4.800-1.400-8-4.500-8-9V6l8-3z',
} as const;
