// Icons of coming in and of what is one's own: they come with the sign-in sheet and the pages of /me.
export const peoplePaths = {
  ext: 'M14 4h6v6M20 4l-9 9M17 14v6H4V7h6',
  mail: 'M3 6h18v12.500H3zM3.500 6.500l8.500 7 8.500-7',
  key: 'M8 15.500a4 4 0 100-8 4 4 0 000 8zM12 11.500h9M17.500 11.500v3.500M20.500 11.500v2.500',
  bell: 'M6 16.500V11a6 6 0 0112 0v5.500l1.500 1.500h-15L6 16.500zM10 20.500h4',
  shield: 'M12 3l7.500 3v5.500c0 4.500-3 7.800-7.500 9.500-4.500-1.700-7.500-5-7.500-9.500V6L12 3z',
  mobile: 'M7 3h10v18H7zM11 18h2',
  screen: 'M3 4.500h18v12H3zM8 20.500h8M12 16.500v4',
  download: 'M12 4v11M8 11.500l4 4 4-4M5 20h14',
  copy: 'M8 8h12v12H8zM5 16H4V4h12v1',
  bin: 'M4.500 7h15M9.500 7V4.500h5V7M6.500 7l1 13h9l1-13M10.500 11v5.500M13.500 11v5.500',
  lock: 'M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 017 0v3M12 14.500v2',
  link: 'M9.500 14.500l5-5M8 11l-2.500 2.500a3.500 3.500 0 005 5L13 16M16 13l2.500-2.500a3.500 3.500 0 00-5-5L11 8',
  out: 'M10 4H4v16h6M15 8l4 4-4 4M19 12H9',
} as const;
