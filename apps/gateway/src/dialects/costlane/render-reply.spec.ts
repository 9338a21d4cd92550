import fc from 'fast-check';
import { decision, end, header } from '../../testing/scripted-inference';
import { renderReply } from './render-reply';

const facts = { requestId: 'req_1', text: 'Hello.', decision, latencyMs: 12.345 };

describe('a reply of our own doors', () => {
  it('has every field of the contract, with null for what is not known', () => {
    expect(renderReply({ ...facts, end: end() })).toEqual({
      request_id: 'req_1',
      text: 'Hello.',
      model_used: 'gpt-4o-mini-up',
      provider: 'mock',
      usage: {
        prompt_tokens: 10,
        completion_tokens: 6,
        total_tokens: 16,
        cached_tokens: 2,
        reasoning_tokens: 1,
        source: 'provider',
      },
      cost_usd: 0.0000012,
      savings_usd: { cache: 0, routing: 0.0000005, prefix: 0.0000003, batching: 0 },
      cache_info: { hit: false, tier: 'miss', similarity: null, probability: null, age_seconds: null, tokens_saved: 0 },
      routing_decision: {
        strategy: 'static',
        route: 'mock/gpt-4o-mini-up',
        complexity: null,
        tier: 'economy',
        reason: 'requested',
        candidates: ['gpt-4o-mini'],
      },
      latency_ms: 12.3,
    });
  });

  it('of a semantic hit says how like the questions are and how probably the answer serves both', () => {
    const likeness = { similarity: 0.97, probability: 0.99 };
    const reply = renderReply({
      requestId: 'r',
      text: 't',
      end: end({ tier: 'semantic', likeness }),
      decision,
      latencyMs: 1,
    });
    expect(reply.cache_info).toMatchObject({ hit: true, tier: 'semantic', ...likeness });
  });

  it.each(['memory', 'exact', 'coalesced'] as const)(
    'of the %s tier costs nothing and saved the whole baseline',
    (tier) => {
      const reply = renderReply({ ...facts, end: end({ tier, paidNanoUsd: 0, savedNanoUsd: 2_000, ageSeconds: 7 }) });
      expect(reply.cost_usd).toBe(0);
      expect(reply.savings_usd).toEqual({ cache: 0.000002, routing: 0, prefix: 0, batching: 0 });
      expect(reply.cache_info).toEqual({
        hit: true,
        tier,
        similarity: null,
        probability: null,
        age_seconds: 7,
        tokens_saved: 16,
      });
    },
  );

  it('tells an unknown price as null, never as zero', () => {
    const reply = renderReply({ ...facts, end: end({ header: header({ priceVersion: undefined }) }) });
    expect(reply).toMatchObject({ cost_usd: null, savings_usd: null });
  });

  it('shows amounts as JSON numbers that are exact to the nano-dollar', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (paidNanoUsd) => {
        const { cost_usd: cost } = renderReply({ ...facts, end: end({ paidNanoUsd }) });
        const shown = JSON.parse(JSON.stringify(cost)) as number;
        expect(Math.round(shown * 1e9)).toBe(paidNanoUsd);
      }),
    );
  });
});
