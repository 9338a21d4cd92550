import type { RequestListener } from 'node:http';
import { costOfUsage } from '@costlane/domain';
import { breaksOffAfter, createWire, execute, sendsEvents, sendsJson } from '../translation/testing/wire';
import { goldenProviders, priceOf, readAnswer, readCases, reckon, type GoldenCase } from './read-golden';

const isStream = ({ file }: GoldenCase): boolean => file.endsWith('.sse');

function answerWith(golden: GoldenCase, text: string): RequestListener {
  if (golden.isCutOff) return breaksOffAfter(text);
  return isStream(golden) ? sendsEvents(text) : sendsJson(text);
}

const requestOf = (golden: GoldenCase) => ({
  model: golden.model,
  messages: [{ role: 'user', content: 'Name a river.' }],
  ...(isStream(golden) ? { stream: true, stream_options: { include_usage: true } } : {}),
  ...golden.request,
});

describe.each(goldenProviders)('recorded answers of %s', (provider, kind) => {
  const { adapterFor, close } = createWire(kind);
  afterEach(close);
  const cases = readCases(provider);

  it('are six at the least, streamed and not, and one of them was cut off', () => {
    expect(cases.length).toBeGreaterThanOrEqual(6);
    for (const wanted of [isStream, (each: GoldenCase) => !isStream(each), (each: GoldenCase) => each.isCutOff]) {
      expect(cases.some(wanted)).toBe(true);
    }
  });

  it.each(cases.map((golden) => [golden.name, golden] as const))('%s', async (_name, golden) => {
    const { expected } = golden;
    const adapter = await adapterFor(answerWith(golden, readAnswer(provider, golden)));
    const outcome = await execute(adapter, requestOf(golden));
    expect(outcome.ok).toBe(golden.isCutOff !== true);
    expect(outcome.usage).toEqual(expected.usage);
    expect(outcome.usageSource).toBe(expected.usageSource);
    expect(outcome.serviceTier).toBe(expected.serviceTier);
    if (outcome.ok) expect(outcome.finishReason).toBe(expected.finishReason);
    const price = priceOf(golden);
    if (!price || !outcome.usage) return expect(expected.costNanoUsd).toBeUndefined();
    const serviceTier = golden.billedAs ?? outcome.serviceTier;
    const cost = costOfUsage(outcome.usage, price, serviceTier === undefined ? {} : { serviceTier });
    expect(cost).toMatchObject({ totalNanoUsd: expected.costNanoUsd, assumptions: expected.assumptions });
    expect(reckon(expected.reckoned ?? '')).toBe(expected.costNanoUsd);
  });
});
