/** Where what was typed in a room and not sent yet is kept. */
export const draftKey = (show: string): string => `nm-draft-${show}`;
