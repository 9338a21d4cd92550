import { hash } from 'node:crypto';

/** What can change an answer, besides the request's own fields. */
export interface FingerprintScope {
  tenantId: string;
  /** Wire dialect of the request (`openai.chat`, …): equal fields may mean different things in two dialects. */
  dialect: string;
}

/** Fields that change how an answer travels or is billed, never what it says. */
export const transportFields: ReadonlySet<string> = new Set([
  'stream',
  'stream_options',
  'user',
  'metadata',
  'store',
  'service_tier',
  'prompt_cache_key',
]);

/**
 * Key of everything that can change the answer: SHA-256 (hex) over the scope and the canonical JSON of the request, in which object
 * keys are sorted, `undefined` is absent, and text is NFC with LF line ends and no outer white space.
 */
export function fingerprint(scope: FingerprintScope, request: Record<string, unknown>): string {
  // One call over one string: a hash object and its updates cost more than the hashing.
  return hash(
    'sha256',
    `${JSON.stringify([scope.tenantId, scope.dialect])}${canonicalJson(request, transportFields)}`,
    'hex',
  );
}

/** JSON with sorted keys and normalised text: equal for requests that differ only in ways that cannot change meaning. */
export function canonicalJson(value: unknown, without?: ReadonlySet<string>): string {
  if (typeof value === 'string') return JSON.stringify(normaliseText(value));
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  const record = value as Record<string, unknown>;
  const parts: string[] = [];
  for (const key of Object.keys(record).sort()) {
    if (record[key] === undefined || without?.has(key)) continue;
    parts.push(`${JSON.stringify(key)}:${canonicalJson(record[key])}`);
  }
  return `{${parts.join(',')}}`;
}

const ASCII_ONLY = /^[\x20-\x7e\n\t]*$/;

/** NFC, CRLF and CR to LF, outer white space removed: never a change of meaning. */
export function normaliseText(text: string): string {
  const trimmed = text.trim();
  if (ASCII_ONLY.test(trimmed)) return trimmed;
  return trimmed.normalize('NFC').replace(/\r\n?/g, '\n');
}
