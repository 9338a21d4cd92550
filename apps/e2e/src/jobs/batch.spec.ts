import { randomUUID } from 'node:crypto';
import { doorsUnderTest, envelopeOf, fresh, post, type Doors } from '../doors/doors-under-test';
import { getJson, linesOf, newTenant, untilStatus, type Batch, type Tenant } from './jobs-under-test';

const doors = doorsUnderTest();

(doors?.adminKey ? describe : describe.skip)('POST /v1/batch', () => {
  const { url } = (doors ?? {}) as Doors;
  jest.setTimeout(120_000);
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await newTenant(doors as Doors);
  });
  const submit = async (body: unknown, headers: Record<string, string> = {}, query = '') => {
    const response = await post(`${url}/v1/batch${query}`, body, { ...tenant.headers, ...headers });
    return { response, ...(await envelopeOf<Batch>(response)) };
  };
  const at = (batch: Batch): string => `${url}/v1/batch/${batch.batch_id}`;
  const ended = (batch: Batch, timeoutMs?: number): Promise<Batch> =>
    untilStatus<Batch>(at(batch), tenant, undefined, timeoutMs);
  const sum = (amounts: number[]): number => amounts.reduce((total, amount) => total + Math.round(amount * 1e9), 0);

  it('answers with all results when they are waited for, and asks the same question once', async () => {
    const prompt = fresh('Why?');
    const { response, data } = await submit({
      wait: true,
      requests: [
        { custom_id: 'first', prompt, max_tokens: 20 },
        { custom_id: 'other', prompt: fresh('How?') },
        { custom_id: 'same', prompt, max_tokens: 20 },
        { custom_id: 'wrong', prompt, preferred_model: 'no-such-model' },
      ],
    });
    expect(response.status).toBe(200);
    expect(data).toMatchObject({ status: 'completed', counts: { total: 4, succeeded: 3, failed: 1 }, duplicates: 1 });
    const [first, other, same, wrong] = data.results ?? [];
    expect(first).toMatchObject({ custom_id: 'first', status: 'succeeded', http_status: 200, success: true });
    expect(first?.data?.text).toMatch(/./);
    expect(other?.data?.text).not.toBe(first?.data?.text);
    expect(same).toMatchObject({ same_as_index: 0, cost_usd: 0, data: { text: first?.data?.text } });
    expect(wrong).toMatchObject({ status: 'failed', http_status: 404, error_code: 'model_not_found', success: false });
    expect(wrong?.error).toContain('no-such-model');
    expect(first?.cost_usd).toBeGreaterThan(0);
    expect(sum((data.results ?? []).map(({ cost_usd }) => cost_usd))).toBe(sum([data.cost_usd]));
  });

  it('takes thousands of lines, and gives as many back in their order', async () => {
    const run = randomUUID();
    const body = Array.from({ length: 3_000 }, (_, i) =>
      JSON.stringify({ custom_id: `${i}`, prompt: `Line ${i} of ${run}`, max_tokens: 8 }),
    ).join('\n');
    const headers = { 'content-type': 'application/x-ndjson' };
    const { response, data } = await submit(body, headers, '?completion_window=now');
    expect([response.status, response.headers.get('location')]).toEqual([202, `/v1/batch/${data.batch_id}`]);
    const batch = await ended(data, 100_000);
    expect(batch).toMatchObject({ status: 'completed', counts: { total: 3_000, succeeded: 3_000 } });
    const lines = await linesOf(`${at(data)}/results`, tenant);
    expect(lines.map(({ custom_id: id }) => id)).toEqual(Array.from({ length: 3_000 }, (_, i) => `${i}`));
    expect(sum(lines.map(({ cost_usd }) => cost_usd))).toBe(sum([batch.cost_usd]));
    const again = await linesOf(`${at(data)}/results?from_index=2990&status=succeeded`, tenant);
    expect(again.map(({ index }) => index)).toEqual([2990, 2991, 2992, 2993, 2994, 2995, 2996, 2997, 2998, 2999]);
  });

  it('pays half where there is time, by the provider’s Batch API', async () => {
    const requests = [
      { custom_id: 'a', prompt: fresh('Half?'), max_tokens: 30, preferred_model: 'gpt-4o-mini', use_cache: false },
    ];
    const now = await submit({ requests, wait: true });
    const full = now.data.results?.[0];
    const later = await submit({ requests, completion_window: '24h' });
    expect(later.response.status).toBe(202);
    await ended(later.data, 90_000);
    const [half] = await linesOf(`${at(later.data)}/results`, tenant);
    expect(full?.data?.savings_usd.batching).toBe(0);
    expect(half?.data?.text).toBe(full?.data?.text);
    expect(half?.data?.savings_usd.batching).toBeGreaterThan(0);
    expect(sum([half?.cost_usd ?? 0]) * 2).toBe(sum([full?.cost_usd ?? 0]));
  });

  it('shows what has ended while others run, and stops at once when it is cancelled', async () => {
    const requests = [
      { custom_id: 'quick', prompt: fresh('Quick?') },
      { custom_id: 'slow', prompt: fresh('Slow? [[mock: hang=1]]') },
    ];
    const { data } = await submit({ requests, completion_window: 'now' });
    await untilStatus<Batch>(at(data), tenant, ['running']);
    const half = async (): Promise<boolean> => (await linesOf(`${at(data)}/results`, tenant)).length === 1;
    for (let tries = 0; tries < 100 && !(await half()); tries += 1) await getJson(`${at(data)}?wait_ms=100`, tenant);
    expect(await linesOf(`${at(data)}/results`, tenant)).toMatchObject([{ custom_id: 'quick', status: 'succeeded' }]);
    const response = await fetch(at(data), { method: 'DELETE', headers: tenant.headers });
    expect((await envelopeOf<Batch>(response)).data.status).toBe('cancelling');
    expect(await ended(data)).toMatchObject({ status: 'cancelled', counts: { succeeded: 1, cancelled: 1 } });
    const [, slow] = await linesOf(`${at(data)}/results`, tenant);
    expect(slow).toMatchObject({ custom_id: 'slow', status: 'cancelled', success: false, data: null });
  });

  it('ends what is not done in time as expired', async () => {
    const requests = [
      { custom_id: 'a', prompt: fresh('Late? [[mock: hang=1]]') },
      { custom_id: 'b', prompt: fresh('In time?') },
    ];
    const { data } = await submit({ requests, deadline_ms: 5_000 });
    expect(await ended(data)).toMatchObject({ status: 'expired', counts: { succeeded: 1, expired: 1 } });
    expect((await linesOf(`${at(data)}/results?status=expired`, tenant)).map(({ custom_id: id }) => id)).toEqual(['a']);
  });

  it('gives the same batch for the same idempotency key', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const body = { requests: [{ prompt: fresh('Once?') }] };
    const [first, second] = await Promise.all([submit(body, key), submit(body, key)]);
    expect(second.data.batch_id).toBe(first.data.batch_id);
    const other = await submit({ requests: [{ prompt: 'Another?' }] }, key);
    expect([other.response.status, other.response.headers.get('x-error-code')]).toEqual([
      422,
      'idempotency_key_reused',
    ]);
  });

  it('is the tenant’s own', async () => {
    const { data } = await submit({ requests: [{ prompt: fresh('Mine?') }] });
    const stranger = await newTenant(doors as Doors);
    for (const path of [at(data), `${at(data)}/results`]) {
      expect((await fetch(path, { headers: stranger.headers })).status).toBe(404);
      expect((await fetch(path)).status).toBe(404);
    }
    expect((await getJson<{ batches: Batch[] }>(`${url}/v1/batch`, stranger)).data.batches).toEqual([]);
  });

  it.each([
    [
      'a field that is wrong',
      { requests: [{ prompt: 'x' }, { prompt: 'y', temperature: 9 }] },
      /Request 1: Field "temperature"/,
    ],
    [
      'an id twice',
      {
        requests: [
          { custom_id: 'a', prompt: 'x' },
          { custom_id: 'a', prompt: 'y' },
        ],
      },
      /"a" is there twice/,
    ],
    ['nothing', { requests: [] }, /"requests"/],
    ['a private webhook', { requests: [{ prompt: 'x' }], webhook: { url: 'https://192.168.0.1/x' } }, /public address/],
  ])('refuses %s', async (_name, body, message) => {
    const { response, error } = await submit(body);
    expect(error).toMatch(message);
    expect(response.status).toBe(400);
  });
});
