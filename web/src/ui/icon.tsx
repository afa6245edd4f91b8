import { paths, type IconName } from './icon-paths.ts';

export type { IconName };

interface IconProps {
  name: IconName;
  size?: number;
}

/** Decoration only: the button around it carries the name. */
export function Icon({ name, size = 20 }: IconProps) {
  const dots = name === 'more' || name === 'drag';
  return (
    <svg class="ic" width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor"
      stroke-width={dots ? 2.6 : 1.75} stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

/** The lantern whose middle is a play triangle. Never put a tile behind it. */
export function Logo({ size = 28 }: { size?: number }) {
  return <img src="/icon.svg" width={size} height={size} alt="" />;
}
