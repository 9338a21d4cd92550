const OPENING = '{"type":"content_block_delta","index":';
const CLOSING = '"}}';
/** What stands between the index and the piece itself. */
const middles = [
  ',"delta":{"type":"text_delta","text":"',
  ',"delta":{"type":"input_json_delta","partial_json":"',
  ',"delta":{"type":"thinking_delta","thinking":"',
];
const NINE = 0x39;
const ZERO = 0x30;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

/**
 * Length of the piece in an event `content_block_delta`, in the form that Anthropic sends it and with nothing in it that JSON escapes: such an
 * event is valid and says nothing else. Undefined for every other one, which has to be parsed.
 * @param text in Latin-1, with the event's data from `start` to `end`
 */
export function pieceLength(text: string, start: number, end: number): number | undefined {
  let at = text.charCodeAt(start) === SPACE ? start + 1 : start;
  if (!text.startsWith(OPENING, at)) return undefined;
  at += OPENING.length;
  const digits = at;
  while (text.charCodeAt(at) >= ZERO && text.charCodeAt(at) <= NINE) at++;
  const middle = at > digits ? middles.find((each) => text.startsWith(each, at)) : undefined;
  if (middle === undefined) return undefined;
  const from = at + middle.length;
  const to = end - CLOSING.length;
  if (to < from || !text.startsWith(CLOSING, to)) return undefined;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE || code === BACKSLASH || code < SPACE) return undefined;
  }
  return to - from;
}
