import type { StoredItem } from '@costlane/ledger';

/** A line of its own for each item; the renderer gives it without its line end. */
export type RenderItem = (item: StoredItem) => string | Buffer;

const NEW_LINE = Buffer.from('\n');

/**
 * Items as newline-delimited JSON, a chunk for each page of the store: `Readable.from(ndjson(store.stream(ref), render))` goes straight into
 * a reply, and a slow reader holds back the next page. A line end within a rendered item becomes white space: in JSON it can be nothing else.
 */
export async function* ndjson(
  pages: AsyncIterable<readonly StoredItem[]>,
  render: RenderItem,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const items of pages) {
    const parts: Buffer[] = [];
    for (const item of items) parts.push(onOneLine(render(item)), NEW_LINE);
    if (parts.length > 0) yield Buffer.concat(parts);
  }
}

function onOneLine(text: string | Buffer): Buffer {
  const line = Buffer.from(text);
  for (let at = 0; at < line.length; at += 1) if (line[at] === 0x0a || line[at] === 0x0d) line[at] = 0x20;
  return line;
}
