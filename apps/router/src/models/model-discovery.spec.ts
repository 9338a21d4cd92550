import { createLogger, createMetrics } from '@costlane/platform';
import { freePort, waitFor } from '@costlane/testing';
import { json, models, silence, stall, startModelServer, text, type ModelServer } from '../testing/model-server';
import { createModelDiscovery, type ModelDiscovery } from './model-discovery';

const logger = createLogger({ service: 'test', level: 'silent' });
const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

async function serverWith(answer: Parameters<typeof startModelServer>[0]): Promise<ModelServer> {
  const server = await startModelServer(answer);
  closers.push(() => server.close());
  return server;
}

function discover(baseUrl: string, apiKey?: string) {
  const metrics = createMetrics({ service: 'test' });
  const intervals = { timeoutMs: 1_000, refreshIntervalMs: 20, retryIntervalMs: 20 };
  const subject = createModelDiscovery({ provider: 'vllm', baseUrl, apiKey, logger, metrics, ...intervals });
  closers.push(() => subject.stop());
  const staleEpisodes = async () =>
    (await metrics.registry.getSingleMetric('costlane_fallback_total')?.get())?.values[0]?.value;
  return { subject, staleEpisodes };
}

const names = (subject: ModelDiscovery) => subject.models()?.map(({ name }) => name);

describe('model discovery', () => {
  it('lists the models of a server with its key and their context length', async () => {
    const server = await serverWith(json({ data: [{ id: 'llama', max_model_len: 8_192 }, { id: 'qwen' }] }));
    const { subject } = discover(`${server.baseUrl}/`, 'secret');
    await subject.start();
    expect(subject.models()).toEqual([
      { name: 'llama', contextTokens: 8_192 },
      { name: 'qwen', contextTokens: 0 },
    ]);
    expect(server.requests[0]).toEqual({ path: '/v1/models', authorization: 'Bearer secret' });
    expect(subject.health()).toEqual({ ok: true });
  });

  it('sees a model that comes later', async () => {
    const server = await serverWith(models('llama'));
    const { subject } = discover(server.baseUrl);
    const refreshed = jest.fn();
    subject.onRefreshed(refreshed);
    await subject.start();
    expect(refreshed).toHaveBeenCalledTimes(1);
    server.answerWith(models('llama', 'qwen'));
    await waitFor(() => names(subject)?.length === 2);
  });

  it.each([
    ['does not answer', silence, 'no answer in time'],
    ['stalls in the middle of its answer', stall, 'no answer in time'],
    ['answers with malformed JSON', text('{"data":['), 'the answer is not JSON'],
    ['answers with an HTML page', text('<html></html>'), 'the answer is not JSON'],
    ['answers in another shape', json({ models: [] }), 'the answer is not a list of models'],
    ['answers with an error', text('oops', 500), 'the server answered with status 500'],
    ['answers without end', text('x'.repeat(5 * 1024 * 1024)), 'the answer is larger than 4194304 bytes'],
  ])('keeps the last list when the server %s, and counts that once', async (_what, answer, reason) => {
    const server = await serverWith(models('llama'));
    const { subject, staleEpisodes } = discover(server.baseUrl);
    await subject.start();
    server.answerWith(answer);
    await waitFor(() => subject.health().ok === false);
    expect(subject.health().detail).toBe(reason);
    expect(names(subject)).toEqual(['llama']);
    const asked = server.requests.length;
    await waitFor(() => server.requests.length > asked + 1);
    expect(await staleEpisodes()).toBe(1);

    server.answerWith(models('qwen'));
    await waitFor(() => subject.health().ok);
    expect(names(subject)).toEqual(['qwen']);
  });

  it('follows no redirect, which would carry the key elsewhere', async () => {
    const elsewhere = await serverWith(models('stolen'));
    const server = await serverWith((_request, response) => {
      response.writeHead(302, { location: `${elsewhere.baseUrl}/models` }).end();
    });
    const { subject } = discover(server.baseUrl, 'secret');
    await subject.start();
    expect(subject.models()).toBeUndefined();
    expect(elsewhere.requests).toEqual([]);
  });

  it('has no list while the server was never reached, says why, and goes on trying', async () => {
    const port = await freePort();
    const { subject } = discover(`http://127.0.0.1:${port}/v1`);
    await subject.start();
    expect(subject.models()).toBeUndefined();
    expect(subject.health()).toEqual({ ok: false, detail: 'ECONNREFUSED' });
  });

  it('passes over entries of another shape', async () => {
    const server = await serverWith(
      json({ data: [{ id: 7 }, null, { id: '' }, { id: 'llama', max_model_len: null }] }),
    );
    const { subject } = discover(server.baseUrl);
    await subject.start();
    expect(names(subject)).toEqual(['llama']);
  });

  it('asks no more after it was stopped', async () => {
    const server = await serverWith(silence);
    const { subject } = discover(server.baseUrl);
    const started = subject.start();
    subject.stop();
    await started;
    expect(server.requests.length).toBeLessThanOrEqual(1);
  });
});
