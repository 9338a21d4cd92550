const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * An OpenAI request with a `prompt_cache_key`, put in front of its bytes as they are. The same body where it names one
 * already, or may do so (in a JSON text its quotes would be escaped, so that the bytes tell).
 */
export function withPromptCacheKey(body: Buffer, key: () => string): Buffer {
  if (body.includes('"prompt_cache_key"')) return body;
  const start = body.indexOf(OPEN_BRACE) + 1;
  return Buffer.concat([body.subarray(0, start), Buffer.from(`"prompt_cache_key":"${key()}",`), body.subarray(start)]);
}

/**
 * A request for vLLM with a `cache_salt`, put at its end: of two members of one name parsers take the last, so that no
 * request can choose another tenant's salt, however it spells the name. A salt of its own goes into the one it gets.
 */
export function withCacheSalt(body: Buffer, saltOf: (own: string | undefined) => string): Buffer {
  const end = body.lastIndexOf(CLOSE_BRACE);
  if (end < 0) return body;
  const salt = saltOf(body.includes('"cache_salt"') ? ownSalt(body) : undefined);
  return Buffer.concat([body.subarray(0, end), Buffer.from(`,"cache_salt":"${salt}"}`)]);
}

function ownSalt(body: Buffer): string | undefined {
  try {
    const { cache_salt: salt } = JSON.parse(body.toString('utf8')) as { cache_salt?: unknown };
    return typeof salt === 'string' && salt !== '' ? salt : undefined;
  } catch {
    return undefined;
  }
}
