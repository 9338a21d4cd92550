import fc from 'fast-check';
import { markAnthropicPrompt, withCacheControl } from './anthropic-cache-control';
import { anthropicPlaces, anthropicSegments, hasCacheControl, type AnthropicBody } from './anthropic-segments';
import type { CacheMark } from './plan-cache-marks';
import { prefixBlocks } from './prefix-blocks';
import { PrefixTracker } from './prefix-tracker';
import { testScope } from './testing/chains';

const at = (segment: number, lifetime: CacheMark['lifetime'] = 'short'): CacheMark => ({
  segment,
  lifetime,
  tokens: 0,
});
const short = { type: 'ephemeral' };
const body: AnthropicBody = {
  model: 'claude-sonnet-4-5',
  tools: [{ name: 'a' }, { name: 'b' }],
  system: [
    { type: 'text', text: 's1' },
    { type: 'text', text: 's2' },
  ],
  messages: [
    { role: 'user', content: 'hello' },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'x' },
        { type: 'thinking', thinking: 't' },
        { type: 'text', text: '' },
      ],
    },
  ],
};

describe('withCacheControl', () => {
  it('marks the last tool, a system block, and the last block of a message that can carry a marker', () => {
    const marked = withCacheControl(body, [at(0, 'long'), at(2), at(3), at(4)]);
    expect(marked).toEqual({
      ...body,
      tools: [{ name: 'a' }, { name: 'b', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      system: [
        { type: 'text', text: 's1' },
        { type: 'text', text: 's2', cache_control: short },
      ],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'hello', cache_control: short }] },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'x', cache_control: short },
            { type: 'thinking', thinking: 't' },
            { type: 'text', text: '' },
          ],
        },
      ],
    });
    expect(hasCacheControl(body)).toBe(false);
  });

  it('makes a block of a system prompt that is a text', () => {
    const marked = withCacheControl({ system: 'be brief', messages: [] }, [at(0)]);
    expect(marked['system']).toEqual([{ type: 'text', text: 'be brief', cache_control: short }]);
  });

  it.each([
    { cache_control: short },
    { tools: [{ name: 'a', cache_control: short }] },
    { system: [{ type: 'text', text: 's', cache_control: short }] },
    { messages: [{ role: 'user', content: [{ type: 'text', text: 'x', cache_control: short }] }] },
    {
      messages: [
        {
          role: 'user',
          content: [{ type: 'tool_result', content: [{ type: 'text', text: 'x', cache_control: short }] }],
        },
      ],
    },
  ])('adds nothing to a body that is marked: %j', (own) => {
    const marked = { ...body, ...own };
    expect(withCacheControl(marked, [at(0), at(1)])).toBe(marked);
  });

  it('never sets more than four markers, wherever they are asked for', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(8), { maxLength: 8 }), (segments) => {
        const marked = withCacheControl(
          body,
          segments.sort((a, b) => a - b).map((segment) => at(segment)),
        );
        const count = JSON.stringify(marked).split('"cache_control"').length - 1;
        expect(count).toBe(segments.slice(0, 4).filter((segment) => segment < 5).length);
      }),
    );
  });
});

describe('anthropicSegments', () => {
  it('has a segment for each place, tools and system as the head', () => {
    const segments = anthropicSegments(body);
    expect(segments.spans.length / 2).toBe(anthropicPlaces(body).length);
    expect([anthropicPlaces(body).length, segments.headSegments]).toEqual([5, 3]);
  });

  it('takes a system text and a list with this one text for the same prompt', () => {
    const asText = anthropicSegments({ system: 's', messages: [{ role: 'user', content: 'x' }] });
    const asList = anthropicSegments({
      system: [{ type: 'text', text: 's' }],
      messages: [{ role: 'user', content: 'x' }],
    });
    expect(prefixBlocks(asText, testScope)).toEqual(prefixBlocks(asList, testScope));
  });

  it('bears bodies that are none', () => {
    for (const odd of [{}, { messages: 'x', system: 3, tools: {} }, { messages: [null, 1, { content: 5 }] }]) {
      expect(withCacheControl(odd, [at(0)])).toBeDefined();
      expect(anthropicSegments(odd).headSegments).toBe(0);
    }
  });
});

describe('markAnthropicPrompt', () => {
  const price = {
    provider: 'anthropic',
    model: 'claude-sonnet-4-5',
    serviceTier: 'standard',
    validFrom: null,
    validTo: null,
    priceVersion: 'p',
    perMillion: { freshInput: '3', cacheRead: '0.3', cacheWriteShort: '3.75', cacheWriteLong: '6', output: '15' },
  };
  const ask = (i: number) => ({
    system: 'rules '.repeat(1_500),
    messages: [{ role: 'user', content: `question ${i}` }],
  });

  it('marks a system prompt that keeps coming, and leaves a first short prompt alone', () => {
    const tracker = new PrefixTracker();
    const mark = (i: number, of: AnthropicBody = ask(i), bodyBytes?: number) =>
      markAnthropicPrompt({ body: of, bodyBytes, scope: testScope, tracker, price, nowMs: 1e12 + i * 10_000 });
    for (let i = 0; i < 20; i++) mark(i);
    expect(JSON.stringify(mark(20).body['system'])).toContain('cache_control');
    const brief = { messages: [{ role: 'user', content: 'hi' }] };
    const before = tracker.size;
    expect(mark(21, brief, 60)).toEqual({ body: brief, marks: [] });
    expect(tracker.size).toBe(before);
  });

  it('marks nothing without a price', () => {
    const tracker = new PrefixTracker();
    const body = ask(0);
    expect(markAnthropicPrompt({ body, scope: testScope, tracker, price: undefined, nowMs: 1e12 }).body).toBe(body);
    expect(tracker.size).toBeGreaterThan(0);
  });
});
