import { paths } from './icon-paths.ts';
import type { payPaths } from './icon-paths-pay.ts';
import type { peoplePaths } from './icon-paths-people.ts';
import type { shopPaths } from './icon-paths-shop.ts';
import type { studioPaths } from './icon-paths-studio.ts';

export type IconName = keyof typeof paths | keyof typeof shopPaths | keyof typeof payPaths | keyof typeof peoplePaths | keyof typeof studioPaths;

const known: Partial<Record<IconName, string>> = { ...paths };

/** Makes more icons known; those of buying and of the studio arrive with their parts. */
export function addIcons(more: Partial<Record<IconName, string>>): void {
  Object.assign(known, more);
}

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
      <path d={known[name]} />
    </svg>
  );
}

/** The lantern whose middle is a play triangle. Never put a tile behind it. */
export function Logo({ size = 28 }: { size?: number }) {
  return <img src="/icon.svg" width={size} height={size} alt="" />;
}
