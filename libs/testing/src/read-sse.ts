export interface SseEvent {
  /** The `data` lines, joined by newlines. */
  data: string;
  event?: string;
  id?: string;
}

/**
 * Reads the server-sent events of a fetch response, in the manner of the WHATWG specification (any line ending,
 * comments skipped). An event that the end of the stream leaves incomplete is dropped.
 * @throws what reading the body throws, for example when the connection breaks off.
 */
export async function* readSse(response: Response): AsyncGenerator<SseEvent, void, undefined> {
  if (!response.body) throw new Error('the response has no body');
  const decoder = new TextDecoder();
  let pending = '';
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
    pending += decoder.decode(bytes, { stream: true });
    // A carriage return at the very end may be the first half of a line ending: it waits for the next bytes.
    const complete = pending.endsWith('\r') ? pending.slice(0, -1) : pending;
    const blocks = complete.replace(/\r\n?/g, '\n').split('\n\n');
    pending = (blocks.pop() ?? '') + pending.slice(complete.length);
    for (const block of blocks) {
      const event = parseEvent(block);
      if (event) yield event;
    }
  }
}

function parseEvent(block: string): SseEvent | undefined {
  const data: string[] = [];
  const event: Omit<SseEvent, 'data'> = {};
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event' || field === 'id') event[field] = value;
  }
  return data.length > 0 ? { ...event, data: data.join('\n') } : undefined;
}
