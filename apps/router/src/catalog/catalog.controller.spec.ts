import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseConfig } from '@costlane/platform';
import { waitFor } from '@costlane/testing';
import { configSchema } from '../config';
import { startRouter, type RunningRouter } from '../start-router';
import { json, startModelServer, text, type ModelServer } from '../testing/model-server';

const folder = mkdtempSync(path.join(tmpdir(), 'router-catalog-'));
let list: ModelServer;
const running: RunningRouter[] = [];

const entry = (input: number, output: number) => ({
  litellm_provider: 'openai',
  mode: 'chat',
  input_cost_per_token: input,
  output_cost_per_token: output,
  cache_read_input_token_cost: 7.5e-8,
});

beforeAll(async () => {
  process.env['SHUTDOWN_GRACE_MS'] = '0';
  list = await startModelServer(json({ 'gpt-4o-mini': entry(3e-7, 1.2e-6), 'gpt-9': entry(1e-6, 4e-6) }));
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.shutdown.trigger('test');
});
afterAll(() => {
  list.close();
  rmSync(folder, { recursive: true, force: true });
});

async function router(env: NodeJS.ProcessEnv = {}): Promise<RunningRouter> {
  const settings = {
    ROUTER_HTTP_PORT: '0',
    ROUTER_GRPC_PORT: '0',
    LOG_LEVEL: 'silent',
    COSTLANE_DATA_DIR: folder,
    COST_ATTRIBUTION_GRPC_ADDRESS: 'none',
    PRICE_LIST_URL: `${list.baseUrl}/list.json`,
    ...env,
  };
  const started = await startRouter(
    parseConfig(configSchema, { env: settings, directory: '/nonexistent' }),
    () => undefined,
  );
  running.push(started);
  return started;
}

async function call(of: RunningRouter, method: string, where: string, headers: Record<string, string> = {}) {
  const response = await fetch(`http://127.0.0.1:${of.httpPort}/internal/catalog${where}`, { method, headers });
  const body = (await response.json()) as { success: boolean; data: never; error: string | null };
  return { status: response.status, ...body, code: response.headers.get('x-error-code') };
}

interface Shown {
  models: { name: string; [field: string]: unknown }[];
}

const model = async (of: RunningRouter, name: string) => {
  const { data } = await call(of, 'GET', '');
  return (data as Shown).models.find((one) => one.name === name);
};

describe('/internal/catalog', () => {
  it('shows each model with what it can do, what it costs, since when and who says so', async () => {
    const started = await router({ COSTLANE_DATA_DIR: path.join(folder, 'fresh') });
    expect(await model(started, 'gpt-4o')).toEqual({
      name: 'gpt-4o',
      provider: 'mock',
      tier: 'standard',
      is_enabled: true,
      context_tokens: 128_000,
      max_output_tokens: 16_384,
      capabilities: expect.objectContaining({ tools: true, json_schema: true, audio: false }),
      quality: {
        value: 0.726,
        benchmark: expect.stringMatching(/^MMLU-Pro/),
        source: expect.any(String),
        read_on: '2026-11-27',
      },
      facts_source: expect.stringContaining('LiteLLM'),
      facts_read_on: '2026-11-27',
      price: expect.objectContaining({
        usd_per_million_tokens: expect.objectContaining({ input: '2.5', output: '10', cache_read: '1.25' }),
        valid_from: null,
        valid_to: null,
        source: 'seed',
        matched_by: 'exact',
        price_version: expect.stringMatching(/^genai-prices@/),
      }),
    });
    expect(await call(started, 'GET', '')).toMatchObject({
      data: { prices_file: null, last_refresh: null, staged: 0 },
    });
  });

  it('compares, lets large changes and new models wait, and takes over what is approved, also after a restart', async () => {
    const first = await router();
    expect(await call(first, 'POST', '/refresh')).toMatchObject({
      status: 200,
      data: { applied: [], waiting: 2, vanished: expect.arrayContaining(['openai/gpt-4o']) },
    });
    const { data } = await call(first, 'GET', '/staged');
    const staged = data as { id: string; model: string; kind: string }[];
    expect(staged).toMatchObject([
      {
        model: 'gpt-4o-mini',
        kind: 'changed',
        largest_change: expect.closeTo(1),
        current: { usd_per_million_tokens: { input: '0.15' }, valid_from: null },
        proposed: { usd_per_million_tokens: { input: '0.3' } },
      },
      { model: 'gpt-9', kind: 'new', current: null, largest_change: null },
    ]);
    const idOf = (name: string) => staged.find((one) => one.model === name)?.id;
    expect(await call(first, 'POST', `/staged/${idOf('gpt-4o-mini')}/approve`)).toMatchObject({
      status: 200,
      data: {
        model: 'gpt-4o-mini',
        valid_from: expect.stringMatching(/^20/),
        usd_per_million_tokens: { input: '0.3' },
      },
    });
    expect(await call(first, 'POST', `/staged/${idOf('gpt-9')}/reject`)).toMatchObject({ status: 200 });
    const approved = { source: 'update', valid_from: expect.stringMatching(/^20/) };
    expect(await model(first, 'gpt-4o-mini')).toMatchObject({ price: approved });
    await first.shutdown.trigger('test');

    const second = await router();
    expect(await model(second, 'gpt-4o-mini')).toMatchObject({ price: approved });
    expect(await call(second, 'POST', '/refresh')).toMatchObject({ data: { waiting: 0, unchanged: 1 } });
  });

  it('says what is not there, what cannot be fetched and what is not set', async () => {
    const started = await router();
    expect(await call(started, 'POST', '/staged/none/approve')).toMatchObject({ status: 404, code: 'not_found' });
    list.answerWith(text('down', 500));
    expect(await call(started, 'POST', '/refresh')).toMatchObject({ status: 502, code: 'upstream_error' });
    const unset = await router({ PRICE_LIST_URL: '' });
    expect(await call(unset, 'POST', '/refresh')).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  it('takes over what the file says of a model within two seconds, and keeps it when the next edition is wrong', async () => {
    const file = path.join(folder, 'prices.json');
    const write = (quality: unknown) =>
      writeFileSync(file, JSON.stringify({ openai: { 'gpt-4o': { quality, tier: 'premium' } } }));
    write(0.5);
    const started = await router({ PRICES_FILE: file });
    expect(await model(started, 'gpt-4o')).toMatchObject({
      tier: 'premium',
      quality: { value: 0.5, benchmark: 'set by the operator' },
    });
    const startedAt = Date.now();
    write(0.6);
    const quality = async () => ((await model(started, 'gpt-4o'))?.['quality'] as { value: number }).value;
    await waitFor(async () => (await quality()) === 0.6);
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    write(60);
    const shown = async () =>
      (await call(started, 'GET', '')).data as { prices_file: { rejected_reloads: number; last_error: string } };
    await waitFor(async () => (await shown()).prices_file.rejected_reloads === 1);
    expect((await shown()).prices_file.last_error).toMatch(/openai\.gpt-4o\.quality must be a share from 0 to 1/);
    expect(await quality()).toBe(0.6);
    const metrics = await (await fetch(`http://127.0.0.1:${started.httpPort}/metrics`)).text();
    expect(metrics).toMatch(/costlane_price_file_refused_editions\{[^}]*\} 1/);
  });

  it('takes no order from a web page', async () => {
    const started = await router();
    for (const where of ['/refresh', '/staged/x/approve', '/staged/x/reject'])
      expect(await call(started, 'POST', where, { origin: 'http://evil.example' })).toMatchObject({ status: 403 });
  });
});
