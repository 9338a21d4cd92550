import { createLogger, createMetrics } from '@costlane/platform';
import { createPriceCatalog, type PriceCatalog, type StagedPricesStore } from '@costlane/pricing';
import { waitFor } from '@costlane/testing';
import { createPriceRefresh, type PriceRefresh, type PriceRefreshOptions } from './price-refresh';
import { comparedProviders } from './wire-price-refresh';

const open: { stop?: () => void; close?: () => void }[] = [];
afterEach(() => open.splice(0).forEach((one) => (one.stop ?? one.close)?.()));

const entry = (input: number, output: number, rest: object = {}) => ({
  litellm_provider: 'openai',
  mode: 'chat',
  input_cost_per_token: input,
  output_cost_per_token: output,
  cache_read_input_token_cost: 7.5e-8,
  ...rest,
});

function emptyStore(): StagedPricesStore {
  let text = '{"version":1,"staged":[],"applied":[],"rejectedIds":[],"lastRefresh":null}';
  return {
    read: () => Promise.resolve(JSON.parse(text)),
    write: (state) => Promise.resolve(void (text = JSON.stringify(state))),
  };
}

async function start(list: () => Promise<unknown>, rest: Partial<PriceRefreshOptions> = {}) {
  const metrics = createMetrics({ service: 'test' });
  const catalog: PriceCatalog = createPriceCatalog();
  const refresh: PriceRefresh = createPriceRefresh({
    url: 'https://list',
    intervalMs: 3_600_000,
    providers: ['openai'],
    catalog,
    store: emptyStore(),
    fetchList: async () => JSON.stringify(await list()),
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics,
    ...rest,
  });
  open.push(refresh, catalog);
  await refresh.start();
  const count = async (outcome: string) => {
    const metric = await metrics.registry.getSingleMetric('costlane_price_refreshes_total')?.get();
    return metric?.values.find(({ labels }) => labels['outcome'] === outcome)?.value ?? 0;
  };
  const price = (model = 'gpt-4o-mini') => {
    const found = catalog.find({ provider: 'openai', model });
    return found.ok ? [found.value.source, found.value.price.perMillion.freshInput] : found.error.code;
  };
  return { refresh, catalog, count, price, metrics };
}

describe('price refresh', () => {
  it('lets a small change hold at once, as a price from now on, and a new model wait', async () => {
    const list = { 'gpt-4o-mini': entry(1.6e-7, 6e-7), 'gpt-9': entry(1e-6, 4e-6) };
    const { refresh, price, catalog } = await start(() => Promise.resolve(list));
    const before = Date.now() - 1;
    expect(await refresh.refresh()).toMatchObject({
      applied: [expect.any(String)],
      waiting: 1,
      source: 'https://list',
    });
    expect([price(), price('gpt-9')]).toEqual([['update', '0.16'], 'unknown_model']);
    expect(catalog.find({ provider: 'openai', model: 'gpt-4o-mini', at: before })).toMatchObject({
      value: { source: 'seed', price: { perMillion: { freshInput: '0.15' } } },
    });
    const [waiting] = refresh.staged().list();
    await refresh.staged().approve(waiting?.id ?? '');
    expect(price('gpt-9')).toEqual(['update', '1']);
    expect(await refresh.refresh()).toMatchObject({ applied: [], waiting: 0, unchanged: 2 });
  });

  it.each([
    ['1000 times dearer', entry(1.5e-4, 6e-4)],
    ['a hundredth', entry(1.5e-9, 6e-9, { cache_read_input_token_cost: 7.5e-10 })],
  ])('leaves a price alone that the list makes %s', async (_what, listed) => {
    const { refresh, price } = await start(() => Promise.resolve({ 'gpt-4o-mini': listed }));
    expect(await refresh.refresh()).toMatchObject({ applied: [], waiting: 1 });
    expect(price()).toEqual(['seed', '0.15']);
    expect(refresh.staged().list()[0]?.notes.join()).toMatch(/PRICE LOOKS WRONG/);
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['cannot be fetched', () => Promise.reject(new Error('no route')), /no route/],
    ['is none', () => Promise.resolve({ hello: 'world' }), /neither LiteLLM/],
    ['is written in another unit', () => Promise.resolve({ a: entry(0.15, 0.6) }), /no price of openai|cannot be/],
  ])('keeps everything when the list %s, counts it and shows it', async (_what, list, reason) => {
    const { refresh, price, count, metrics } = await start(list);
    await expect(refresh.refresh()).rejects.toMatchObject({
      code: 'upstream_error',
      message: expect.stringMatching(reason),
    });
    expect(price()).toEqual(['seed', '0.15']);
    expect(refresh.health()).toEqual({ ok: false, detail: expect.stringMatching(reason) });
    expect(await count('failed')).toBe(1);
    expect(await metrics.registry.metrics()).toMatch(/costlane_fallback_total\{[^}]*kind="price_list_stale"[^}]*\} 1/);
  });

  it('runs on its schedule, sooner after a failure, and is well again afterwards', async () => {
    let asked = 0;
    const list = () =>
      ++asked === 1 ? Promise.reject(new Error('down')) : Promise.resolve({ 'gpt-4o-mini': entry(1.5e-7, 6e-7) });
    const { refresh, count } = await start(list, { firstDelayMs: 1, retryDelayMs: 5, intervalMs: 20 });
    await waitFor(async () => (await count('compared')) >= 2);
    expect(await count('failed')).toBe(1);
    expect(refresh.health()).toEqual({ ok: true });
    refresh.stop();
    const before = asked;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(asked - before).toBeLessThanOrEqual(1);
  });

  it('asks once for several who want it at the same time', async () => {
    let asked = 0;
    const { refresh } = await start(() => Promise.resolve({ [`gpt-${++asked}`]: entry(1e-6, 4e-6) }));
    const [a, b] = await Promise.all([refresh.refresh(), refresh.refresh()]);
    expect([a === b, asked]).toEqual([true, 1]);
  });

  it('does nothing without a list, and says so to whoever asks', async () => {
    const list = jest.fn(() => Promise.resolve({}));
    const { refresh } = await start(list, { url: '', firstDelayMs: 0 });
    await expect(refresh.refresh()).rejects.toMatchObject({ code: 'invalid_request' });
    expect(refresh.health()).toEqual({ ok: true });
    expect(list).not.toHaveBeenCalled();
  });

  it('starts without what it cannot read, says so, and takes nothing over', async () => {
    const store: StagedPricesStore = { read: () => Promise.reject(new Error('torn')), write: () => Promise.resolve() };
    const { refresh, price } = await start(() => Promise.resolve({}), { store });
    expect(refresh.health()).toEqual({ ok: false, detail: 'torn' });
    expect(() => refresh.staged()).toThrow(/cannot be read: torn/);
    await expect(refresh.refresh()).rejects.toMatchObject({ code: 'unavailable' });
    expect(price()).toEqual(['seed', '0.15']);
  });
});

describe('comparedProviders', () => {
  it('are those that are served, the mock as what it plays, without own machines', () => {
    expect(
      comparedProviders([
        { provider: 'vllm', models: 'catalogue' },
        { provider: 'mock', models: 'catalogue' },
        { provider: 'openai', models: 'catalogue' },
        { provider: 'google', models: 'catalogue' },
      ]),
    ).toEqual(['openai', 'google']);
  });
});
