import type { PromptSegments } from './prefix-blocks';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** Strings up to here are looked through byte by byte: a native search costs as much as a hundred of them. */
const SHORT_STRING_BYTES = 96;

interface FoundParts {
  tools?: [start: number, end: number];
  spans: number[];
  headSegments: number;
}

/**
 * Where tools and messages are in the raw body of an OpenAI chat request, without parsing it: tools first, as the
 * providers' templates put them, then each message. Leading messages of the roles system and developer are the head.
 *
 * @returns undefined for what is not an object with a list of messages; bodies were validated at the edge, so that
 *   only their structure is looked at here.
 */
export function chatSegments(body: Uint8Array): PromptSegments | undefined {
  const found: FoundParts = { spans: [], headSegments: 0 };
  const isWhole = forEachMember(body, skipBlank(body, 0), (keyStart, keyEnd, start, end) => {
    if (isText(body, keyStart, keyEnd, 'messages')) findMessages(body, start, found);
    else if (isText(body, keyStart, keyEnd, 'tools')) found.tools = [start, end];
  });
  if (!isWhole || found.spans.length === 0) return undefined;
  if (!found.tools) return { source: body, spans: found.spans, headSegments: found.headSegments };
  return { source: body, spans: [...found.tools, ...found.spans], headSegments: found.headSegments + 1 };
}

function findMessages(body: Uint8Array, start: number, found: FoundParts): void {
  // A key that stands twice: the last one counts, as it does for parsers.
  found.spans = [];
  found.headSegments = 0;
  if (body[start] !== OPEN_BRACKET) return;
  for (let at = skipBlank(body, start + 1); at < body.length && body[at] !== CLOSE_BRACKET;) {
    const end = skipValue(body, at);
    const isHead = found.headSegments * 2 === found.spans.length && isSystemMessage(body, at);
    if (isHead) found.headSegments++;
    found.spans.push(at, end);
    at = skipBlank(body, end);
    if (body[at] === COMMA) at = skipBlank(body, at + 1);
  }
}

function isSystemMessage(body: Uint8Array, start: number): boolean {
  let isSystem = false;
  forEachMember(body, start, (keyStart, keyEnd, from, to) => {
    if (!isText(body, keyStart, keyEnd, 'role')) return;
    isSystem = isText(body, from, to, '"system"') || isText(body, from, to, '"developer"');
  });
  return isSystem;
}

/** Calls back with the places of each member's key (without quotes) and value; false where the object has no end. */
function forEachMember(
  body: Uint8Array,
  start: number,
  onMember: (keyStart: number, keyEnd: number, valueStart: number, valueEnd: number) => void,
): boolean {
  if (body[start] !== OPEN_BRACE) return false;
  let at = skipBlank(body, start + 1);
  while (body[at] === QUOTE) {
    const keyEnd = skipString(body, at);
    const colon = skipBlank(body, keyEnd);
    if (body[colon] !== COLON) return false;
    const valueStart = skipBlank(body, colon + 1);
    const valueEnd = skipValue(body, valueStart);
    onMember(at + 1, keyEnd - 1, valueStart, valueEnd);
    at = skipBlank(body, valueEnd);
    if (body[at] === COMMA) at = skipBlank(body, at + 1);
  }
  return body[at] === CLOSE_BRACE;
}

/** The place after a value that begins here; always beyond `start`. */
function skipValue(body: Uint8Array, start: number): number {
  const first = body[start];
  if (first === QUOTE) return skipString(body, start);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipNested(body, start);
  let at = start + 1;
  for (; at < body.length; at++) {
    const byte = body[at];
    if (byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || isBlank(byte)) break;
  }
  return at;
}

function skipNested(body: Uint8Array, start: number): number {
  let depth = 0;
  for (let at = start; at < body.length;) {
    const byte = body[at];
    if (byte === QUOTE) {
      at = skipString(body, at);
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
    at++;
    if (depth === 0) return at;
  }
  return body.length;
}

function skipString(body: Uint8Array, start: number): number {
  let at = start + 1;
  const near = Math.min(body.length, at + SHORT_STRING_BYTES);
  while (at < near) {
    const byte = body[at];
    if (byte === QUOTE) return at + 1;
    at += byte === BACKSLASH ? 2 : 1;
  }
  for (;;) {
    const quote = body.indexOf(QUOTE, at);
    if (quote < 0) return body.length;
    let before = quote;
    while (before > at && body[before - 1] === BACKSLASH) before--;
    if ((quote - before) % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

function isText(body: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (body[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

function skipBlank(body: Uint8Array, start: number): number {
  let at = start;
  while (isBlank(body[at])) at++;
  return at;
}
