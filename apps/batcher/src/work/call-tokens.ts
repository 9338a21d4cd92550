/** A call that does not say how long its answer may be is taken for one of this many tokens: what a mean chat answer has. */
const DEFAULT_OUTPUT_TOKENS = 256;
const MAX_OUTPUT_TOKENS = 100_000;
const BYTES_PER_TOKEN = 4;
/** Clients put their settings before or behind the messages: of a large body only both ends are looked through. */
const SCANNED_BYTES = 8_192;

const names = ['"max_tokens"', '"max_completion_tokens"', '"max_output_tokens"'].map((name) => Buffer.from(name));
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;
const SPACE = 0x20;

/**
 * About how many tokens a call takes, prompt and answer: at least 1. For shares among tenants, not for money: the body is looked through for the limit of its
 * answer, not parsed. In a text within the body the name has a backslash before its last quote, so it is not found.
 */
export function callTokens(body: Buffer): number {
  return Math.max(1, Math.ceil(body.length / BYTES_PER_TOKEN) + outputTokens(body));
}

function outputTokens(body: Buffer): number {
  if (body.length <= 2 * SCANNED_BYTES) return limitIn(body) ?? DEFAULT_OUTPUT_TOKENS;
  const head = body.subarray(0, SCANNED_BYTES);
  const tail = body.subarray(body.length - SCANNED_BYTES);
  return limitIn(tail) ?? limitIn(head) ?? DEFAULT_OUTPUT_TOKENS;
}

function limitIn(bytes: Buffer): number | undefined {
  for (const name of names) {
    const at = bytes.lastIndexOf(name);
    const limit = at < 0 ? undefined : numberAfterColon(bytes, at + name.length);
    if (limit !== undefined) return limit;
  }
  return undefined;
}

function numberAfterColon(bytes: Buffer, from: number): number | undefined {
  let at = from;
  while (bytes[at] === SPACE) at++;
  if (bytes[at] !== COLON) return undefined;
  at++;
  while (bytes[at] === SPACE) at++;
  let value: number | undefined;
  for (let digit = bytes[at]; digit !== undefined && digit >= ZERO && digit <= NINE; digit = bytes[++at])
    value = Math.min(MAX_OUTPUT_TOKENS, (value ?? 0) * 10 + digit - ZERO);
  return value;
}
