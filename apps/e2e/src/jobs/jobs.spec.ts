import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitFor } from '@costlane/testing';
import { doorsUnderTest, envelopeOf, fresh, post, type Doors, type Reply } from '../doors/doors-under-test';
import { getJson, newTenant, untilStatus, type Batch, type Tenant } from './jobs-under-test';

const doors = doorsUnderTest();

interface Job {
  job_id: string;
  status: string;
  result: Reply | null;
  error: string | null;
  error_code: string | null;
  cost_usd: number;
}
interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

(doors?.adminKey ? describe : describe.skip)('POST /v1/jobs', () => {
  const { url } = (doors ?? {}) as Doors;
  jest.setTimeout(60_000);
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await newTenant(doors as Doors);
  });
  const submit = async (body: unknown, headers: Record<string, string> = {}) => {
    const response = await post(`${url}/v1/jobs`, body, { ...tenant.headers, ...headers });
    return { response, ...(await envelopeOf<Job>(response)) };
  };
  const at = ({ job_id: id }: Job): string => `${url}/v1/jobs/${id}`;

  it('is answered later, with what /v1/inference answers', async () => {
    const { response, data } = await submit({ prompt: fresh('Later?'), max_tokens: 12 });
    expect([response.status, response.headers.get('location')]).toEqual([202, `/v1/jobs/${data.job_id}`]);
    const job = await untilStatus<Job>(at(data), tenant);
    expect(job).toMatchObject({ status: 'completed', error: null, result: { text: expect.stringMatching(/./) } });
    expect(job.result?.cost_usd).toBe(job.cost_usd);
    expect(job.cost_usd).toBeGreaterThan(0);
  });

  it('says what went wrong', async () => {
    const { data } = await submit({ prompt: fresh('Which?'), preferred_model: 'no-such-model' });
    expect(await untilStatus<Job>(at(data), tenant)).toMatchObject({
      status: 'failed',
      result: null,
      error_code: 'model_not_found',
      error: expect.stringContaining('no-such-model'),
    });
  });

  it('is the same job under the same idempotency key', async () => {
    const body = { prompt: fresh('Once?'), idempotency_key: randomUUID() };
    const [first, second] = await Promise.all([submit(body), submit(body)]);
    expect(second.data.job_id).toBe(first.data.job_id);
    expect((await submit({ ...body, prompt: 'Another?' })).response.status).toBe(422);
  });

  it('is cancelled', async () => {
    const { data } = await submit({ prompt: fresh('Never? [[mock: hang=1]]') });
    const response = await fetch(at(data), { method: 'DELETE', headers: tenant.headers });
    expect((await envelopeOf<Job>(response)).data.status).toBe('cancelling');
    expect(await untilStatus<Job>(at(data), tenant)).toMatchObject({ status: 'cancelled', result: null });
  });

  describe('a webhook', () => {
    let receiver: Server;
    const received: Received[] = [];
    let failures = 0;
    beforeAll(async () => {
      receiver = createServer((request, response) => {
        const parts: Buffer[] = [];
        request.on('data', (part: Buffer) => parts.push(part));
        request.on('end', () => {
          received.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
          response.writeHead(failures-- > 0 ? 500 : 204).end();
        });
      });
      await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    });
    afterAll(() => new Promise((resolve) => receiver.close(resolve)));

    it('tells of the end, signed with the tenant’s secret, until it is taken', async () => {
      const { data: secret } = await getJson<{ secret: string }>(`${url}/v1/jobs/webhook-secret`, tenant);
      failures = 1;
      const webhook = { url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook` };
      const { data } = await submit({ prompt: fresh('Tell me?'), webhook });
      await waitFor(() => received.length >= 2, { timeoutMs: 40_000 });
      const [first, second] = received as [Received, Received];
      expect(second.headers['x-costlane-webhook-id']).toBe(first.headers['x-costlane-webhook-id']);
      expect(JSON.parse(second.body)).toMatchObject({
        type: 'batch.completed',
        data: { id: data.job_id, state: 'completed' },
      });
      const { 'x-costlane-timestamp': timestamp, 'x-costlane-signature': signature } = second.headers;
      const expected = createHmac('sha256', secret.secret)
        .update(`${String(timestamp)}.${second.body}`)
        .digest('hex');
      expect(signature).toBe(`v1=${expected}`);
      await waitFor(async () => (await getJson<Batch>(at(data), tenant)).data.webhook?.status === 'delivered');
    });
  });
});
