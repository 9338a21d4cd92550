import { sensitiveKinds, type SensitiveKind } from '../sensitive-span';

const nameOf = (kind: SensitiveKind): string => kind.toUpperCase();

/** `[EMAIL_1]`: no detector finds anything in it, and models repeat it as it is. */
export const placeholder = (kind: SensitiveKind, number: number): string => `[${nameOf(kind)}_${number}]`;

const names = sensitiveKinds.map(nameOf).join('|');

/** Placeholders in a text; the first group is the kind's name. */
export const placeholderPattern = new RegExp(`\\[(${names})_(\\d{1,7})\\]`, 'g');

/** The longest that a placeholder can be. */
export const MAX_PLACEHOLDER_LENGTH = Math.max(...sensitiveKinds.map((kind) => placeholder(kind, 9_999_999).length));

const beginnings = new RegExp(
  `^(?:${[...new Set(sensitiveKinds.flatMap((kind) => prefixesOf(`[${nameOf(kind)}_`)))].join('|')}|\\[(?:${names})_\\d{1,7})$`,
);

function prefixesOf(head: string): string[] {
  return Array.from({ length: head.length }, (_, i) => `\\${head.slice(0, i + 1)}`);
}

/** Whether a text may be the beginning of a placeholder that is not complete yet. */
export const mayBecomePlaceholder = (text: string): boolean => beginnings.test(text);
