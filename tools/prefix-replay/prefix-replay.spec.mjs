import { AnthropicCache } from './anthropic-cache.mjs';
import { loadDomain } from './load-domain.mjs';
import { marksTable } from './marks.mjs';
import { replayReplicas } from './replicas.mjs';
import { chainOf, parseTrace } from './trace.mjs';

/** Conversations that come back to what they said before, in no order, behind a block that all share. */
function traceOf(requests) {
  const turns = new Map();
  let state = 7;
  const lines = Array.from({ length: requests }, (_, i) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const conversation = (state >>> 16) % 60;
    turns.set(conversation, (turns.get(conversation) ?? 0) + 1);
    const blocks = Array.from({ length: turns.get(conversation) * 3 }, (_each, block) => `${conversation}-${block}`);
    return `${i},0,100,0 ${blocks.join(' ')}`;
  });
  return `t_s,prompt_tokens,output_tokens,prefix_blocks\r\n${lines.join('\r\n')}\r\n`;
}

describe('the replay of a trace', () => {
  let rows;
  beforeAll(async () => {
    const options = { replicas: 4, blocks: 400, tokenMs: 20 };
    rows = new Map(
      replayReplicas(await loadDomain(), parseTrace(traceOf(480)), options).map((row) => [row.policy, row]),
    );
  });

  test('finds prompts again by affinity that round robin loses, within the load bound', () => {
    expect(rows.get('affinity').ofUnlimited).toBeGreaterThan(0.95);
    expect(rows.get('affinity').requestLoad).toBeLessThan(1.3);
    expect(rows.get('round robin').ofUnlimited).toBeLessThan(0.9);
    expect(rows.get('unlimited').ofUnlimited).toBe(1);
  });

  test('reads no trace without the columns that it needs', () => {
    expect(() => parseTrace('t_s,prompt_tokens\n0,1')).toThrow('prefix_blocks');
  });
});

describe('the cache that marks are billed by', () => {
  const at = (segment, lifetime = 'short') => ({ segment, lifetime });
  const long = { ...chainOf(['a', 'b', 'c', 'd']), segmentEnds: [1, 2, 3] };

  test('writes at a mark once and reads it until it lapses, each use renewing it', () => {
    const cache = new AnthropicCache(1_024);
    expect(cache.bill(long, [at(1)], 0)).toMatchObject({ cacheWriteShortTokens: 1_536, freshInputTokens: 512 });
    expect(cache.bill(long, [at(1)], 200_000)).toMatchObject({ cacheReadTokens: 1_536, cacheWriteShortTokens: 0 });
    expect(cache.bill(long, [at(1)], 400_000)).toMatchObject({ cacheReadTokens: 1_536 });
    expect(cache.bill(long, [at(1)], 800_000)).toMatchObject({ cacheReadTokens: 0, cacheWriteShortTokens: 1_536 });
  });

  test('looks back from a mark for what was written before it, and writes the rest', () => {
    const cache = new AnthropicCache(1_024);
    cache.bill(long, [at(0)], 0);
    expect(cache.bill(long, [at(2, 'long')], 1)).toMatchObject({ cacheReadTokens: 1_024, cacheWriteLongTokens: 1_024 });
  });

  test('caches nothing below the minimum', () => {
    const cache = new AnthropicCache(4_096);
    expect(cache.bill(long, [at(2)], 0)).toMatchObject({ freshInputTokens: 2_048, cacheWriteShortTokens: 0 });
  });
});

test('planned marks save where prompts come again and cost next to nothing where they do not', async () => {
  const rows = marksTable(await loadDomain(), { hours: 3 });
  const saved = (traffic, marks) =>
    Number.parseFloat(rows.find((row) => row.traffic.startsWith(traffic) && row.marks === marks).saved);
  expect(saved('assistants', 'planned')).toBeGreaterThan(60);
  expect(saved('conversations', 'planned')).toBeGreaterThan(40);
  expect(saved('documents', 'planned')).toBeGreaterThan(-2);
  expect(saved('documents', 'always, 5 min')).toBeLessThan(-20);
});
