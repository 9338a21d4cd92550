import { decodeReply, type JobHeader, type RouteTarget } from '@costlane/contracts';
import { modelTiers, type ModelPrice, type ModelTier } from '@costlane/domain';
import { createMetrics } from '@costlane/platform';
import type { ProviderRequest } from '@costlane/providers';
import { Cancellation } from '@costlane/resilience';
import { sampleJob } from '@costlane/testing';
import { createConfidence } from '../confidence/create-confidence';
import { runJob, type RunContext } from '../work/run-job';
import { fakeAdapter, samplePrice, streamed, success, type FakeCall } from './fakes';

/** A model of the first one's tier, unless another is given. */
export const targetOf = (model: string, tier: ModelTier = 'economy'): RouteTarget => ({
  model,
  provider: `p-${model}`,
  upstreamModel: `up-${model}`,
  tier,
});

/** The price of a model by its place: the second costs twice as much as the first, and so on. */
export const priceAt = (index: number): ModelPrice => ({
  ...samplePrice,
  model: `m${index}`,
  priceVersion: `v${index}`,
  perMillion: { freshInput: String(index + 1), cacheRead: '0.1', output: String(2 * (index + 1)) },
});

/** A whole answer in OpenAI's format. */
export const completion = (content: string | null, choice: object = {}, message: object = {}) => ({
  body: Buffer.from(
    JSON.stringify({ choices: [{ index: 0, message: { content, ...message }, finish_reason: 'stop', ...choice }] }),
  ),
});

export const event = (delta: object, choice: object = {}): Buffer =>
  Buffer.from(`data: ${JSON.stringify({ choices: [{ index: 0, delta, ...choice }] })}\n\n`);
export const lastEvents = (reason = 'stop'): Buffer[] => [
  event({}, { finish_reason: reason }),
  Buffer.from('data: [DONE]\n\n'),
];

/** Streams a text word by word, then ends well. */
export const streaming =
  (text: string, outcome = streamed()): FakeCall =>
  async (_, sink) => {
    sink.head({ status: 200, contentType: 'text/event-stream' });
    for (const word of text.match(/\S+\s*/g) ?? []) sink.chunk(event({ content: word }));
    for (const bytes of lastEvents()) sink.chunk(bytes);
    return outcome;
  };

export const answering =
  (content: string, outcome = {}): FakeCall =>
  async () =>
    success({ ...completion(content), ...outcome });

/** Runs a job whose models are the given calls, the job's own first; those after it are stronger ones. */
export async function runCalls(
  calls: readonly FakeCall[],
  header: Partial<JobHeader> = {},
  context: Partial<RunContext> & { maxShare?: number; body?: Buffer } = {},
) {
  const parts: { field: string; value: Buffer }[] = [];
  const asked: { model: string; request: ProviderRequest }[] = [];
  const fallbacks: string[] = [];
  const metrics = createMetrics({ service: 'spec' });
  const adapters = calls.map((call, index) =>
    fakeAdapter((request, sink) => {
      asked.push({ model: `m${index}`, request });
      return call(request, sink);
    }),
  );
  const means = (index: number) => ({ adapter: adapters[index]?.adapter, price: priceAt(index) });
  const targets = calls.slice(1).map((_, index) => targetOf(`m${index + 1}`, modelTiers[Math.min(index + 1, 2)]));
  const { body, maxShare = 1, ...others } = context;
  const job = sampleJob(
    { ...targetOf('m0'), fingerprint: 'f00', cacheTtlSeconds: 60, fallbacks: targets, ...header },
    body ? { body } : {},
  );
  const finished = await runJob(job, {
    attempt: 'a1',
    ...means(0),
    meansOf: ({ model }) => means(Number(model.slice(1))),
    confidence: createConfidence({ metrics, maxShare }),
    onFallback: (code) => fallbacks.push(code),
    signal: new Cancellation(),
    emit: (_kind, field, value) => {
      parts.push({ field, value });
      return true;
    },
    onResume: () => undefined,
    now: Date.now,
    ...others,
  });
  const reply = decodeReply(finished.value);
  const metric = async (name: string): Promise<string[]> =>
    (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith(name) && !/ 0$/.test(line));
  return { finished, reply, parts, asked, fallbacks, metric, record: finished.record };
}

/** What a client read of a stream: the parts' bytes. */
export const textOf = (parts: readonly { field: string; value: Buffer }[]): string =>
  parts
    .filter(({ field }) => field.startsWith('c'))
    .map(({ value }) => value.toString())
    .join('');
