import { cleanText } from './clean-text';

/** Longest list in a JSON column. */
export const LIST_LIMIT = 8;
/** Longest text in a JSON column. */
const TEXT_LIMIT = 200;
/** Largest JSON document of a column: what is beyond it is left out rather than cut to something else. */
const DOCUMENT_LIMIT = 16_000;

/** Halves of a pair, which JSON may carry and `jsonb` refuses; a text that was cut may end in one. */
const loneSurrogates = /\p{Surrogate}/gu;

/** A value for a `jsonb` column, its texts cut and freed of what Postgres cannot hold; undefined (NULL) for none, or one that is too large. */
export function jsonColumnText(value: object | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'string' ? cleanText(part, TEXT_LIMIT).replace(loneSurrogates, '\uFFFD') : part,
  );
  return text.length > DOCUMENT_LIMIT ? undefined : text;
}
