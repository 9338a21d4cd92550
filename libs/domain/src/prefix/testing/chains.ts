import { prefixBlocks, type PrefixChain } from '../prefix-blocks';

export const testScope = { tenantId: 't1', provider: 'p', model: 'claude-sonnet-4-5' };

/** A prompt of segments given as `name:tokens`; equal names are equal texts. The first `headSegments` are tools and system. */
export function chainOf(parts: readonly string[], headSegments = 0): PrefixChain {
  const texts = parts.map((part) => {
    const [name = '', tokens = '1'] = part.split(':');
    const text = `${name}|`.repeat(Math.ceil((Number(tokens) * 4) / (name.length + 1)));
    return Buffer.from(text.slice(0, Number(tokens) * 4));
  });
  const spans: number[] = [];
  let at = 0;
  for (const text of texts) spans.push(at, (at += text.length));
  return prefixBlocks({ source: Buffer.concat(texts), spans, headSegments }, testScope);
}
