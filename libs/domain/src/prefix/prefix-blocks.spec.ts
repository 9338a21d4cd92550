import fc from 'fast-check';
import { blockTokens, chainTokens, firstBlockOf, prefixBlocks, type PromptSegments } from './prefix-blocks';

const scope = { tenantId: 't1', provider: 'openai', model: 'm' };

function segmentsOf(texts: readonly string[], headSegments = 0): PromptSegments {
  const parts = texts.map((text) => Buffer.from(text));
  const spans: number[] = [];
  let at = 0;
  for (const part of parts) spans.push(at, (at += part.length));
  return { source: Buffer.concat(parts), spans, headSegments };
}
const chainOf = (texts: readonly string[], headSegments = 0) => prefixBlocks(segmentsOf(texts, headSegments), scope);
const anyTexts = fc.array(fc.string({ minLength: 1, maxLength: 9_000 }), { minLength: 1, maxLength: 6 });

describe('prefixBlocks', () => {
  it('gives prompts that begin with the same messages the same leading blocks, and no others', () => {
    fc.assert(
      fc.property(anyTexts, anyTexts, anyTexts, (shared, restA, restB) => {
        fc.pre(restA[0] !== restB[0]);
        const a = chainOf([...shared, ...restA]);
        const b = chainOf([...shared, ...restB]);
        const end = (a.segmentEnds[shared.length - 1] ?? 0) + 1;
        expect(a.hashes.slice(0, end)).toEqual(b.hashes.slice(0, end));
        // Once they have parted they never meet again: each name holds everything before it.
        const parted = a.hashes.findIndex((hash, i) => hash !== b.hashes[i]);
        const laterB = new Set(b.hashes.slice(parted));
        expect(parted < 0 ? [] : a.hashes.slice(parted).filter((hash) => laterB.has(hash))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('ends a block with each message and after every 512 tokens of one', () => {
    fc.assert(
      fc.property(anyTexts, (texts) => {
        const chain = chainOf(texts);
        expect(chain.segmentEnds.length).toBe(texts.length);
        expect(new Set(chain.hashes).size).toBe(chain.hashes.length);
        chain.endTokens.forEach((end, i) => {
          const size = end - (chain.endTokens[i - 1] ?? 0);
          expect(size).toBeGreaterThan(0);
          expect(size).toBeLessThanOrEqual(blockTokens);
          if (size < blockTokens) expect(chain.segmentEnds).toContain(i);
        });
        expect(chain.segmentEnds.at(-1)).toBe(chain.hashes.length - 1);
      }),
      { numRuns: 60 },
    );
  });

  it('tells apart where a message ends, though the bytes are the same', () => {
    expect(chainOf(['ab', 'c']).hashes[1]).not.toBe(chainOf(['a', 'bc']).hashes[1]);
  });

  it('shares nothing between tenants, providers or models', () => {
    const segments = segmentsOf(['the same prompt']);
    const others = [{ tenantId: 't2' }, { provider: 'vllm' }, { model: 'n' }];
    const names = [scope, ...others.map((other) => ({ ...scope, ...other }))].map(
      (each) => prefixBlocks(segments, each).hashes[0],
    );
    expect(new Set(names).size).toBe(4);
  });

  it('knows where tools and system end, and how long the prompt is', () => {
    const chain = chainOf(['s'.repeat(5_000), 'u'.repeat(400)], 1);
    expect(chain.endTokens).toEqual([512, 1_024, 1_250, 1_350]);
    expect([chain.headEnd, chainTokens(chain)]).toEqual([2, 1_350]);
    expect([firstBlockOf(chain, 1_024), firstBlockOf(chain, 9_999)]).toEqual([1, -1]);
    expect(chainOf(['u']).headEnd).toBe(-1);
  });

  it('stops at a bound, so that no prompt costs more than that', () => {
    const chain = chainOf(Array.from({ length: 3_000 }, (_, i) => `message ${i}`));
    expect(chain.hashes.length).toBe(1_024);
    expect(chain.segmentEnds.length).toBe(1_024);
  });
});
