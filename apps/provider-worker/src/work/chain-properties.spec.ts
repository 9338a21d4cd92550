import { decodeReply, parseReplyField } from '@costlane/contracts';
import { costOfUsage, CostlaneError, emptyUsage, type ErrorCode, type TokenUsage } from '@costlane/domain';
import { Cancellation } from '@costlane/resilience';
import fc from 'fast-check';
import { completion, event, lastEvents, priceAt, runCalls, textOf } from '../testing/fake-chain';
import { failure, streamed, success, type FakeCall } from '../testing/fakes';

const tokens = fc.nat(1_000_000);
const anyUsage: fc.Arbitrary<TokenUsage> = fc.record({
  freshInputTokens: tokens,
  cacheReadTokens: tokens,
  cacheWriteShortTokens: tokens,
  cacheWriteLongTokens: tokens,
  outputTokens: tokens,
  reasoningTokens: tokens,
});
const anyCode = fc.constantFrom<ErrorCode>(
  'upstream_error',
  'circuit_open',
  'upstream_rejected',
  'context_length_exceeded',
  'deadline_exceeded',
);
const anyCall = fc.record({
  kind: fc.constantFrom('answer', 'refusal', 'empty', 'failure', 'kept away', 'broken', 'throws', 'leaves'),
  usage: fc.option(anyUsage, { nil: undefined }),
  legs: fc.array(anyUsage, { maxLength: 2 }),
  code: anyCode,
  serviceTier: fc.constantFrom(undefined, 'flex'),
});
type AnyCall = typeof anyCall extends fc.Arbitrary<infer T> ? T : never;

const texts = { answer: 'Here it is', refusal: "I'm sorry, but I can't help with that.", empty: '' };

/** One model's call, whose every event names the model. */
function callOf({ kind, usage, legs, code, serviceTier }: AnyCall, name: string, leave: () => void): FakeCall {
  const otherLegs = legs.map((leg) => ({
    reason: 'hedge' as const,
    usage: leg,
    usageSource: 'provider' as const,
    latencyMs: 1,
  }));
  const paid = { usage, usageSource: usage ? ('provider' as const) : ('none' as const), serviceTier, otherLegs };
  const named = (content: string): Buffer => Buffer.concat([Buffer.from(`: ${name}\n`), event({ content })]);
  return async (request, sink) => {
    if (kind === 'throws') throw new Error('a defect');
    if (kind === 'leaves') {
      leave();
      return failure({ error: new CostlaneError('cancelled', 'gone') });
    }
    const error = new CostlaneError(code, 'no');
    if (kind === 'failure') return failure({ error, otherLegs });
    if (kind === 'kept away') return failure({ error: new CostlaneError('circuit_open', 'no'), upstreamCalls: 0 });
    const text = kind === 'broken' ? 'The beginning' : texts[kind];
    if (!request.stream) {
      return kind === 'broken'
        ? failure({ error, ...paid })
        : success({ ...completion(text), ...paid, modelUsed: name });
    }
    sink.head({ status: 200, contentType: 'text/event-stream' });
    for (const content of text.match(/\S+\s*/g) ?? ['']) sink.chunk(named(content));
    if (kind === 'broken') return failure({ error, ...paid, hasDelivered: true, deliveredChars: text.length });
    for (const bytes of lastEvents()) sink.chunk(Buffer.concat([Buffer.from(`: ${name}\n`), bytes]));
    return streamed({ ...paid, modelUsed: name });
  };
}

const isGivenUp = (call: AnyCall | undefined): boolean =>
  call?.kind === 'leaves' || call?.kind === 'failure' || call?.kind === 'throws';

const anyChain = fc.record({
  calls: fc.array(anyCall, { minLength: 1, maxLength: 5 }),
  stream: fc.boolean(),
  isChecked: fc.boolean(),
  hasBaseline: fc.boolean(),
  maxShare: fc.constantFrom(0, 1),
});

function runAny({
  calls,
  stream,
  isChecked,
  hasBaseline,
  maxShare,
}: typeof anyChain extends fc.Arbitrary<infer T> ? T : never) {
  const signal = new Cancellation();
  return runCalls(
    calls.map((call, index) => callOf(call, `m${index}`, () => signal.abort())),
    { stream, confidence: isChecked ? { minTokenProbability: 0.5 } : undefined },
    { signal, maxShare, baselinePrice: hasBaseline ? priceAt(9) : undefined },
  );
}

describe('any chain of calls', () => {
  it('is on record with amounts that add up to the nano-dollar, the reply like the record', async () => {
    await fc.assert(
      fc.asyncProperty(anyChain, async (chain) => {
        const { record, reply } = await runAny(chain);
        const { cache, routing, prefix, batching } = record.savings;
        expect(record.baselineNanoUsd - record.paidNanoUsd).toBe(cache + routing + prefix + batching);
        expect([reply.header.paidNanoUsd, reply.header.baselineNanoUsd, reply.header.savings]).toEqual([
          record.paidNanoUsd,
          record.baselineNanoUsd,
          record.savings,
        ]);
      }),
    );
  });

  it('pays for every call what its own model costs, and nothing twice', async () => {
    await fc.assert(
      fc.asyncProperty(anyChain, async (chain) => {
        const { record } = await runAny(chain);
        const others = (record.otherCalls ?? []).reduce((sum, { paidNanoUsd }) => sum + paidNanoUsd, 0);
        const given = Number(record.provider.slice(3));
        const own = costOfUsage(record.usage ?? emptyUsage, priceAt(given), {
          // Of a call that was given up nobody knows the tier.
          serviceTier: isGivenUp(chain.calls[given]) ? undefined : chain.calls[given]?.serviceTier,
        });
        expect(record.paidNanoUsd).toBe(own.totalNanoUsd + others);
        for (const call of record.otherCalls ?? []) {
          const asked = Number(call.provider.slice(3));
          const tier = call.reason === 'hedge' ? undefined : chain.calls[asked]?.serviceTier;
          const price = priceAt(asked);
          expect(call.paidNanoUsd).toBe(
            costOfUsage(call.usage ?? emptyUsage, price, { serviceTier: tier }).totalNanoUsd,
          );
        }
      }),
    );
  });

  it('gives the client exactly one answer, of one model, in parts without a gap', async () => {
    await fc.assert(
      fc.asyncProperty(anyChain, async (chain) => {
        const { parts, finished, reply } = await runAny(chain);
        const fields = [...parts.map(({ field }) => field), finished.field].map(parseReplyField);
        expect(fields.map((field) => field?.seq)).toEqual(fields.map((_, index) => index));
        const kinds = fields.map((field) => field?.kind).join('');
        expect(kinds).toMatch(chain.stream ? /^(r|hc*e)$/ : /^r$/);
        const said = new Set(textOf(parts).match(/^: m\d/gm) ?? []);
        expect(said.size).toBeLessThanOrEqual(1);
        if (kinds.startsWith('h')) {
          const head = decodeReply(parts[0]?.value ?? Buffer.alloc(0)).header;
          expect([head.provider, `p-${[...said][0]?.slice(2)}`]).toEqual([
            reply.header.provider,
            reply.header.provider,
          ]);
        }
      }),
    );
  });

  it('asks three models at the most, one of them for a doubtful answer', async () => {
    await fc.assert(
      fc.asyncProperty(anyChain, async (chain) => {
        const { asked: all, reply } = await runAny(chain);
        // One that is kept from being asked may be asked all the same, once, when nobody else has an answer.
        const isKeptAway = ({ model }: (typeof all)[number]) =>
          chain.calls[Number(model.slice(1))]?.kind === 'kept away';
        const asked = all.filter((each) => !isKeptAway(each));
        expect(asked.length).toBeLessThanOrEqual(3);
        for (const among of [asked, all.filter(({ request }) => request.isLastResort)])
          expect(new Set(among.map(({ model }) => model)).size).toBe(among.length);
        const doubts = reply.header.routeSteps?.filter(({ why }) => why.startsWith('low_confidence'));
        expect(doubts?.length ?? 0).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('asks nobody after the client has left', async () => {
    await fc.assert(
      fc.asyncProperty(anyChain, async (chain) => {
        const { asked } = await runAny(chain);
        const left = asked.findIndex(({ model }) => chain.calls[Number(model.slice(1))]?.kind === 'leaves');
        if (left >= 0) expect(left).toBe(asked.length - 1);
      }),
    );
  });
});
