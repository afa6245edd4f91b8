import { signal } from '@preact/signals';

const query = matchMedia('(min-width: 900px)');

/** Room for columns side by side; below it screens are built for one hand. */
export const wide = signal(query.matches);
query.addEventListener('change', (e) => {
  wide.value = e.matches;
});
