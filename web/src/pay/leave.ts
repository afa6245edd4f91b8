import { keepVisit } from '../ui/stay.ts';

/** The ways out of this site, in the same window. The room that was visited is found again on return. */
export const leave = {
  by(form: HTMLFormElement): void {
    keepVisit();
    form.submit();
  },
  to(url: string): void {
    keepVisit();
    location.assign(url);
  },
};
