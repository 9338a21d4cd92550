import type { ProviderSink } from '../provider';

export interface CollectingSink extends ProviderSink {
  readonly heads: { status: number; contentType: string }[];
  readonly chunks: Buffer[];
  text(): string;
  /** The data of the events, without the last one's `[DONE]`. */
  events(): unknown[];
}

/** A sink that keeps what it gets; `onChunk` may refuse a chunk (back-pressure) or do something at that moment. */
export function createCollectingSink(onChunk: (chunk: Buffer) => boolean | void = () => true): CollectingSink {
  const heads: CollectingSink['heads'] = [];
  const chunks: Buffer[] = [];
  const text = () => Buffer.concat(chunks).toString('utf8');
  return {
    heads,
    chunks,
    head: (head) => void heads.push(head),
    chunk(bytes) {
      chunks.push(bytes);
      return onChunk(bytes) ?? true;
    },
    text,
    events: () =>
      text()
        .split('\n\n')
        .filter((event) => event !== '' && event !== 'data: [DONE]')
        .map((event) => JSON.parse(event.replace(/^(?:event: [\w.]+\n)?data: /, '')) as unknown),
  };
}
