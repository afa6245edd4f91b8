/** The providers' marks, as small as they may be. Decoration: the button around them carries the name. */
function Google() {
  return (
    <>
      <path fill="#4285f4" d="M22.56 12.25c0-.78-.07-1.53-.2-2.25H12v4.26h5.92a5.06 5.06 0 01-2.21 3.31v2.77h3.57c2.08-1.92 3.28-4.74 3.28-8.09z" />
      <path fill="#34a853" d="M12 23c2.97 0 5.46-.98 7.28-2.66l-3.57-2.77c-.98.66-2.23 1.06-3.71 1.06-2.86 0-5.29-1.93-6.16-4.53H2.18v2.84A11 11 0 0012 23z" />
      <path fill="#fbbc05" d="M5.84 14.1a6.6 6.6 0 010-4.19V7.07H2.18a11 11 0 000 9.86l3.66-2.83z" />
      <path fill="#ea4335" d="M12 5.38c1.62 0 3.06.56 4.21 1.64l3.15-3.15A11 11 0 002.18 7.07l3.66 2.84c.87-2.6 3.3-4.53 6.16-4.53z" />
    </>
  );
}

const line = 'M12 3C6.5 3 2 6.5 2 10.8c0 3.900 3.600 7.100 8.400 7.700.3.1.8.2.9.5.1.3 0 .7 0 1l-.1.9c0 .3-.2 1 .9.6 1.100-.5 6-3.500 8.100-6 1.300-1.600 1.800-3.100 1.800-4.700C22 6.500 17.500 3 12 3z';
const apple = 'M16.500 12.600c0-2.300 1.900-3.400 2-3.500-1.100-1.600-2.800-1.800-3.400-1.800-1.400-.1-2.800.9-3.500.9s-1.800-.8-3-.8c-1.500 0-2.900.9-3.700 2.300-1.600 2.700-.4 6.800 1.100 9 .8 1.100 1.700 2.300 2.900 2.300s1.600-.7 3-.7 1.800.7 3 .7 2-1.100 2.800-2.200c.9-1.300 1.200-2.500 1.300-2.600 0 0-2.500-1-2.500-3.600zM14.300 5.900c.6-.8 1-1.800.9-2.900-.9 0-2 .6-2.700 1.400-.6.7-1.100 1.800-1 2.800 1.100.1 2.100-.5 2.800-1.300z';
const facebook = 'M13.500 20.800v-7.300h2.400l.4-2.900h-2.800V8.800c0-.8.3-1.400 1.500-1.400h1.400V4.800c-.3 0-1.100-.1-2-.1-2.200 0-3.700 1.300-3.700 3.700v2.200H8.300v2.900h2.400v7.300z';

function drawn(provider: string) {
  switch (provider) {
    case 'line':
      return <path fill="currentColor" d={line} />;
    case 'apple':
      return <path fill="currentColor" d={apple} />;
    case 'google':
      return <Google />;
    case 'facebook':
      return <><circle cx="12" cy="12" r="11" fill="#1668d8" /><path fill="#fff" d={facebook} /></>;
    case 'email':
      return <path fill="none" stroke="currentColor" stroke-width="1.75" stroke-linejoin="round" d="M3 6h18v12.500H3zM3.500 6.500l8.500 7 8.500-7" />;
    default:
      return <path fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" d="M8 15.500a4 4 0 100-8 4 4 0 000 8zM12 11.500h9M17.500 11.500v3.500M20.500 11.500v2.500" />;
  }
}

export function Mark({ of, size = 22 }: { of: string; size?: number }) {
  return <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">{drawn(of)}</svg>;
}
