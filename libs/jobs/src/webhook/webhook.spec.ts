import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BatchJob, JobStore, WebhookVerdict } from '@costlane/ledger';
import { deliverWebhooks, type WebhookDeliveryOptions } from './deliver-webhooks';
import { checkWebhookUrl, createPublicLookup, isPublicAddress } from './public-address';
import { sendWebhook, type SendOptions } from './send-webhook';
import { isWebhookGenuine, signWebhook, webhookHeaders } from './sign-webhook';
import { tenantWebhookSecret } from './tenant-secret';

interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

let server: Server;
let base: string;
let received: Received[] = [];
let answer: (response: ServerResponse, path: string) => void;
beforeAll(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) });
      answer(response, request.url ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  received = [];
  answer = (response) => void response.writeHead(204).end();
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const options: SendOptions = { timeoutMs: 2_000, now: () => 1_795_000_000_500, isLoopbackAllowed: true };
const message = { secret: 's3cret', id: 'job_1.5', event: 'batch.completed', body: Buffer.from('{"ä":1}') };

describe('addresses of webhooks', () => {
  it.each([
    ['93.184.216.34', true],
    ['2606:2800:220:1:248:1893:25c8:1946', true],
    ['127.0.0.1', false],
    ['10.1.2.3', false],
    ['172.16.0.1', false],
    ['192.168.1.1', false],
    ['169.254.169.254', false],
    ['100.64.0.1', false],
    ['0.0.0.0', false],
    ['255.255.255.255', false],
    ['224.0.0.1', false],
    ['::1', false],
    ['::', false],
    ['fe80::1', false],
    ['fc00::1', false],
    ['::ffff:127.0.0.1', false],
    ['::ffff:10.0.0.1', false],
    ['64:ff9b::7f00:1', false],
    ['2002:7f00:1::', false],
    ['not an address', false],
  ])('%s is public: %s', (address, isPublic) => expect(isPublicAddress(address)).toBe(isPublic));

  it.each([
    'http://example.com/hook',
    'ftp://example.com',
    'https://user:pass@example.com',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:169.254.169.254]/',
    'nonsense',
    `https://example.com/${'x'.repeat(3_000)}`,
  ])("%s is refused, by the field's name", (url) =>
    expect(() => checkWebhookUrl(url)).toThrow(
      expect.objectContaining({ code: 'invalid_request', field: 'webhook.url' }),
    ),
  );

  it('a URL with a public name or address is taken', () => {
    expect(checkWebhookUrl('https://example.com:8443/a?b').href).toBe('https://example.com:8443/a?b');
    expect(checkWebhookUrl('https://93.184.216.34/').hostname).toBe('93.184.216.34');
  });

  it('a receiver of the operator’s own is taken by its name, with or without its port, and no other', () => {
    const rules = { allowedHosts: ['10.0.0.7', 'hooks:9000'] };
    expect(checkWebhookUrl('http://10.0.0.7:81/a', rules).port).toBe('81');
    expect(checkWebhookUrl('http://HOOKS:9000/', rules).port).toBe('9000');
    expect(() => checkWebhookUrl('http://hooks:9001/', rules)).toThrow('https://');
    expect(() => checkWebhookUrl('https://10.0.0.8/', rules)).toThrow('public address');
  });

  it('a tenant’s secret is its own and the deployment’s', () => {
    const secrets = [
      ['s1', 'acme'],
      ['s1', 'globex'],
      ['s2', 'acme'],
    ].map(([s, t]) => tenantWebhookSecret(s ?? '', t ?? ''));
    expect(new Set(secrets).size).toBe(3);
    expect(secrets[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  it('a name is refused when one of its addresses is not public', async () => {
    const lookUp = (addresses: string[]): Promise<unknown> =>
      new Promise((resolve) =>
        createPublicLookup({}, (_, callback) =>
          callback(
            null,
            addresses.map((address) => ({ address, family: 4 })),
          ),
        )('hooks.example', {}, (error, address) => resolve(error?.code ?? address)),
      );
    expect(await lookUp(['93.184.216.34', '93.184.216.35'])).toBe('93.184.216.34');
    expect(await lookUp(['93.184.216.34', '10.0.0.1'])).toBe('ENOTPUBLIC');
    expect(await lookUp([])).toBe('ENOTPUBLIC');
  });
});

describe('one attempt at a webhook', () => {
  it('posts the body with its signature, which the receiver can check', async () => {
    expect(await sendWebhook({ ...message, url: `${base}/hook?a=1` }, options)).toEqual({ ok: true, status: 204 });
    const [hook] = received;
    expect(hook).toMatchObject({ path: '/hook?a=1', body: message.body });
    expect(hook?.headers).toMatchObject({
      'content-type': 'application/json',
      [webhookHeaders.id]: 'job_1.5',
      [webhookHeaders.event]: 'batch.completed',
      [webhookHeaders.timestamp]: '1795000000',
    });
    const signature = String(hook?.headers[webhookHeaders.signature]);
    const given = { timestamp: '1795000000', signature, body: message.body };
    expect(isWebhookGenuine('s3cret', given, 1_795_000_100_000)).toBe(true);
    expect(isWebhookGenuine('s3cret', given, 1_795_000_400_000)).toBe(false);
    expect(isWebhookGenuine('other', given, 1_795_000_100_000)).toBe(false);
    expect(isWebhookGenuine('s3cret', { ...given, body: Buffer.from('{}') }, 1_795_000_100_000)).toBe(false);
    expect(isWebhookGenuine('s3cret', { ...given, timestamp: '1795000001' }, 1_795_000_100_000)).toBe(false);
  });

  it('reaches a receiver of the operator’s own by its name, although that leads to this machine', async () => {
    const url = base.replace('127.0.0.1', 'localhost');
    const named = { ...options, isLoopbackAllowed: false, allowedHosts: [new URL(url).host] };
    expect(await sendWebhook({ ...message, url }, named)).toEqual({ ok: true, status: 204 });
    expect(await sendWebhook({ ...message, url }, { ...named, allowedHosts: [] })).toMatchObject({ ok: false });
  });

  it('signs as documented: HMAC-SHA-256 of timestamp, dot and body', () => {
    // printf '5.{}' | openssl dgst -sha256 -hmac key
    expect(signWebhook('key', 5, Buffer.from('{}'))).toBe(
      'v1=9be615aec64f0d044b5ad6854ab1d893ec88617fb728d2149dcd3a3428e8c45d',
    );
  });

  it('follows no redirect', async () => {
    answer = (response, path) =>
      path === '/next' ? void response.writeHead(200).end() : void response.writeHead(307, { location: '/next' }).end();
    expect(await sendWebhook({ ...message, url: base }, options)).toMatchObject({ ok: false, status: 307 });
    expect(received.map(({ path }) => path)).toEqual(['/']);
  });

  it('tells what may be tried again, and when', async () => {
    answer = (response) => void response.writeHead(503, { 'retry-after': '7' }).end();
    const outcome = { ok: false, status: 503, retryAfterMs: 7_000, isFinal: false };
    expect(await sendWebhook({ ...message, url: base }, options)).toMatchObject(outcome);
    answer = (response) => void response.writeHead(410).end();
    expect(await sendWebhook({ ...message, url: base }, options)).toMatchObject({ status: 410, isFinal: true });
  });

  it('gives a receiver that says nothing its time and no more, and reads no endless answer', async () => {
    answer = () => undefined;
    expect(await sendWebhook({ ...message, url: base }, { ...options, timeoutMs: 60 })).toMatchObject({
      ok: false,
      reason: 'no answer within 60 ms',
      isFinal: false,
    });
    answer = (response) => void response.writeHead(200).write('and on and on');
    expect(await sendWebhook({ ...message, url: base }, options)).toEqual({ ok: true, status: 200 });
  });

  it('sends nothing to this machine unless that is allowed', async () => {
    const strict = { ...options, isLoopbackAllowed: false };
    expect(await sendWebhook({ ...message, url: base }, strict)).toMatchObject({ ok: false, isFinal: true });
    const url = 'https://rebinding.example/';
    const resolve: SendOptions['resolve'] = (_, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]);
    expect(await sendWebhook({ ...message, url }, { ...strict, resolve })).toMatchObject({ reason: 'ENOTPUBLIC' });
    expect(received).toEqual([]);
  });

  it("sends to the operator's own receivers wherever they are, and there alone", async () => {
    const { host, port } = new URL(base);
    const strict = { ...options, isLoopbackAllowed: false };
    const rules = { ...strict, allowedHosts: [host] };
    expect(checkWebhookUrl(base, rules).href).toBe(`${base}/`);
    expect(await sendWebhook({ ...message, url: base }, rules)).toMatchObject({ ok: true });
    expect(await sendWebhook({ ...message, url: `http://localhost:${port}/` }, rules)).toMatchObject({ isFinal: true });
    expect(() => checkWebhookUrl('http://10.0.0.1/', rules)).toThrow('must begin with https://');
  });
});

describe('delivery of webhooks', () => {
  const job = (changes: Partial<BatchJob> = {}): BatchJob => ({
    tenantId: 'acme',
    jobId: 'job_1',
    kind: 'batch',
    state: 'completed',
    counts: { total: 1, succeeded: 1, failed: 0, cancelled: 0, expired: 0 },
    duplicates: 0,
    costNanoUsd: 5,
    metadata: { ours: true },
    createdAtMs: 1_000,
    finishedAtMs: 2_000,
    webhook: { url: base, secretRef: 'main' },
    ...changes,
  });
  async function deliver(given: BatchJob, changes: Partial<WebhookDeliveryOptions> = {}): Promise<WebhookVerdict> {
    const verdicts: WebhookVerdict[] = [];
    const due = [{ job: given, attempt: 2 }];
    const store: Pick<JobStore, 'claimWebhooks' | 'settleWebhook'> = {
      claimWebhooks: async () => due.splice(0),
      settleWebhook: async (_ref, attempt, verdict) => {
        expect(attempt).toBe(2);
        verdicts.push(verdict);
      },
    };
    const now = (): number => 10_000;
    await deliverWebhooks({
      store,
      secretOf: async () => 's',
      now,
      isLoopbackAllowed: true,
      timeoutMs: 2_000,
      ...changes,
    });
    expect(verdicts).toHaveLength(1);
    return verdicts[0] as WebhookVerdict;
  }

  it('says how the job ended, and nothing of its requests and answers', async () => {
    expect(await deliver(job())).toEqual({ state: 'delivered' });
    expect(JSON.parse(String(received[0]?.body))).toMatchObject({
      type: 'batch.completed',
      data: { id: 'job_1', state: 'completed', counts: { succeeded: 1 }, cost_nano_usd: 5, metadata: { ours: true } },
    });
    expect(received[0]?.headers[webhookHeaders.id]).toBe('job_1.2000');
  });

  it('waits longer after each attempt, as long as the receiver asks, and gives up at the deadline', async () => {
    answer = (response) => void response.writeHead(500).end();
    const verdict = await deliver(job(), { retryBaseMs: 1_000 });
    expect(verdict).toMatchObject({ state: 'pending', reason: 'HTTP 500' });
    if (verdict.state === 'pending') expect(verdict.delayMs).toBeLessThanOrEqual(2_000);
    answer = (response) => void response.writeHead(429, { 'retry-after': '30' }).end();
    expect(await deliver(job())).toMatchObject({ state: 'pending', delayMs: 30_000 });
    expect(await deliver(job(), { deadlineMs: 20_000 })).toEqual({ state: 'abandoned', reason: 'HTTP 429' });
  });

  it('sends nothing unsigned', async () => {
    const missing = { state: 'pending', reason: 'its secret is not at hand' };
    expect(await deliver(job(), { secretOf: async () => undefined })).toMatchObject(missing);
    expect(await deliver(job({ webhook: { url: base } }), { secretOf: async () => undefined })).toMatchObject(missing);
    expect(received).toEqual([]);
    const secretOf = async (tenantId: string) => tenantWebhookSecret('operator', tenantId);
    await deliver(job({ webhook: { url: base } }), { secretOf });
    const [hook] = received;
    const { [webhookHeaders.timestamp]: timestamp, [webhookHeaders.signature]: signature } = hook?.headers ?? {};
    const given = { timestamp: String(timestamp), signature: String(signature), body: hook?.body ?? Buffer.alloc(0) };
    expect(isWebhookGenuine(tenantWebhookSecret('operator', 'acme'), given, 10_000)).toBe(true);
    expect(isWebhookGenuine(tenantWebhookSecret('operator', 'other'), given, 10_000)).toBe(false);
  });
});
