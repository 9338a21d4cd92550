/** Texts with bars between them. */
export const list = (text) =>
  text
    .split('|')
    .map((item) => item.replace(/\s+/g, ' ').trim())
    .filter((item) => item !== '');
