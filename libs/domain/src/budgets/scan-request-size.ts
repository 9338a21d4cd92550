/** What of a provider's request body decides how much it can cost at the most. */
export interface RequestSize {
  /** Bytes of the body without pictures and sound: no token of text is shorter than one. */
  readonly textBytes: number;
  readonly images: number;
  /** Characters of base64 that may be sound. */
  readonly audioCharacters: number;
  /** The most tokens that each answer may have; undefined: the request sets no limit. */
  readonly maxOutputTokens: number | undefined;
  /** So many answers are asked for. */
  readonly answers: number;
  /** It refers to something that is not in it: a stored file, a conversation. */
  readonly hasUnseenInput: boolean;
  /** It names a service tier, which may be a dearer one. */
  readonly namesServiceTier: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/** The last one is a document that is there, packed: what it unfolds to cannot be told by its bytes. */
const unseenKeys: ReadonlySet<string> = new Set([
  'file_id',
  'file_url',
  'previous_response_id',
  'conversation',
  'file_data',
]);
const outputKeys: ReadonlySet<string> = new Set(['max_tokens', 'max_completion_tokens', 'max_output_tokens']);
/** Only here is what looks like a picture billed as one. */
const mediaSections: ReadonlySet<string> = new Set(['messages', 'input']);
const MAX_KEY_BYTES = 24;
/** Each character may stand there as six: `\u005f`. */
const MAX_ESCAPED_KEY_BYTES = 6 * MAX_KEY_BYTES;
/** `%PDF-` in base64. */
const PDF_HEAD = 'JVBERi';
const PDF_FIRST = 0x4a;
const PDF_URL = 'data:application/pdf';
/** Where text stands in the place of base64 it is found out by so many of its bytes, at the beginning and all over. */
const SAMPLED_BYTES = 256;

interface Found {
  textBytes: number;
  images: number;
  audioCharacters: number;
  maxOutputTokens: number | undefined;
  answers: number;
  hasUnseenInput: boolean;
  namesServiceTier: boolean;
  /** What the data that comes next is, as far as what stands before it says so. */
  media: 'sound' | 'picture' | 'document' | undefined;
  /** The field of the request that is being read. */
  section: string;
  /** How deep the arguments of a tool's call stand that are being read; they are text, whatever they look like. Infinity: none are. */
  argumentsDepth: number;
}

/**
 * Reads the size of a JSON request body off its bytes, without parsing it: one pass over the structure, past the strings. The body is one that a
 * provider would take; of another one the result is of no use and no harm.
 */
export function scanRequestSize(body: Buffer): RequestSize {
  const found: Found = {
    textBytes: body.length,
    images: 0,
    audioCharacters: 0,
    maxOutputTokens: undefined,
    answers: 1,
    hasUnseenInput: false,
    namesServiceTier: false,
    media: undefined,
    section: '',
    argumentsDepth: Infinity,
  };
  let depth = 0;
  let key = '';
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      depth -= 1;
      if (depth <= found.argumentsDepth) found.argumentsDepth = Infinity;
    } else if (byte === QUOTE) {
      const end = stringEnd(body, at);
      const next = afterSpace(body, end + 1);
      if (body[next] === COLON) {
        key = keyAt(body, at + 1, end);
        noteKey(key, depth, body, next, found);
        at = next;
      } else {
        noteString(key, body, at + 1, end, found);
        at = end;
      }
    }
  }
  return found;
}

/** Empty for one that is too long to be any of those that count. One that is written with escapes means the same to a provider. */
function keyAt(body: Buffer, start: number, end: number): string {
  if (end - start > MAX_ESCAPED_KEY_BYTES) return '';
  const key = body.toString('latin1', start, end);
  if (!key.includes('\\')) return key.length < MAX_KEY_BYTES ? key : '';
  try {
    return String(JSON.parse(`"${key}"`));
  } catch {
    return '';
  }
}

function noteKey(key: string, depth: number, body: Buffer, colon: number, found: Found): void {
  if (unseenKeys.has(key)) found.hasUnseenInput = true;
  else if (key === 'input_audio') found.media = 'sound';
  if (depth !== 1) {
    if (key === 'input' && depth < found.argumentsDepth && opensAt(body, colon)) found.argumentsDepth = depth;
    return;
  }
  found.section = key;
  if (outputKeys.has(key)) {
    const limit = numberAt(body, colon);
    // Of two limits the looser one counts: which of them a provider heeds is its own affair.
    if (limit !== undefined) found.maxOutputTokens = Math.max(found.maxOutputTokens ?? 0, limit);
  } else if (key === 'n' || key === 'best_of') found.answers = Math.max(found.answers, numberAt(body, colon) ?? 1);
  else if (key === 'service_tier') found.namesServiceTier = true;
}

function noteString(key: string, body: Buffer, start: number, end: number, found: Found): void {
  const isPdf = body[start] === PDF_FIRST && body.toString('latin1', start, start + PDF_HEAD.length) === PDF_HEAD;
  if (isPdf) found.hasUnseenInput = true;
  if (found.argumentsDepth < Infinity || !mediaSections.has(found.section)) return;
  if (key === 'url' || key === 'image_url') {
    if (found.media === 'document') found.hasUnseenInput = true;
    else found.images += 1;
    const head = body.toString('latin1', start, Math.min(end, start + SAMPLED_BYTES));
    const comma = head.indexOf(',');
    if (head.startsWith(PDF_URL)) found.hasUnseenInput = true;
    if (head.startsWith('data:image/') && comma > 0 && isBase64(body, start + comma + 1, end))
      found.textBytes -= end - start;
    found.media = undefined;
  } else if (key === 'data') {
    if (found.media && found.media !== 'document' && isBase64(body, start, end)) {
      found.textBytes -= end - start;
      if (found.media === 'picture') found.images += 1;
      else found.audioCharacters += end - start;
    }
    found.media = undefined;
  } else if (key === 'media_type') {
    if (body.toString('latin1', start, start + 6) === 'image/') found.media = 'picture';
  } else if (key === 'type' && body.toString('latin1', start, end) === 'document') found.media = 'document';
}

/** So it looks by what is sampled of it; text would show itself by a space or a letter beyond ASCII. */
function isBase64(body: Buffer, start: number, end: number): boolean {
  const step = Math.max(1, Math.floor((end - start) / SAMPLED_BYTES));
  for (let at = start; at < end; at += at < start + SAMPLED_BYTES ? 1 : step) {
    const byte = body[at] as number;
    const isLetter = (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
    const isDigit = byte >= 0x30 && byte <= 0x39;
    // + / = and the - _ of URLs, and the backslash of an escaped slash.
    const isSign = byte === 0x2b || byte === 0x2f || byte === 0x3d || byte === 0x2d || byte === 0x5f || byte === 0x5c;
    if (!isLetter && !isDigit && !isSign) return false;
  }
  return true;
}

/** Where the string that begins at `start` ends. */
function stringEnd(body: Buffer, start: number): number {
  let end = start;
  for (;;) {
    end = body.indexOf(QUOTE, end + 1);
    if (end < 0) return body.length;
    let backslashes = 0;
    while (body[end - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
}

function afterSpace(body: Buffer, from: number): number {
  let at = from;
  while (at < body.length && (body[at] as number) <= 0x20) at += 1;
  return at;
}

/** Behind a colon something begins that has parts of its own. */
function opensAt(body: Buffer, colon: number): boolean {
  const first = body[afterSpace(body, colon + 1)];
  return first === OPEN_OBJECT || first === OPEN_LIST;
}

/** The number behind a colon; undefined where something else stands there. */
function numberAt(body: Buffer, colon: number): number | undefined {
  const start = afterSpace(body, colon + 1);
  const value = Number.parseFloat(body.toString('latin1', start, start + 20));
  return Number.isFinite(value) && value > 0 ? Math.ceil(value) : undefined;
}
