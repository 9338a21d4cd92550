import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isWebhookGenuine, webhookHeaders } from '@costlane/jobs';
import {
  createLedger,
  createScratchDatabase,
  type Ledger,
  type OutboxVerdict,
  type ScratchDatabase,
} from '@costlane/ledger';
import { databaseUrlForTests, waitFor } from '@costlane/testing';
import { describeWithServers, quiet } from '../testing/test-stream';
import { noticeOf, type AlertState } from './advance-alerts';
import type { AlertCondition } from './alert-types';
import { deliverAlerts, verdictOf } from './deliver-alerts';
import { readRules } from './rules-file';
import { createAlertSinks, type AlertSinkSettings } from './sinks/alert-sinks';
import { testAlert } from './test-alert';
import { createAlertWatch } from './watch-alerts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const condition: AlertCondition = {
  rule: 'user_spend',
  tenantId: 'acme',
  scope: 'ann',
  severity: 'critical',
  summary: 'User <ann> & co has spent $12.00 today, more than $10.',
};

interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
}

let server: Server;
let host: string;
let received: Received[] = [];
let answer: (response: ServerResponse) => void;
beforeAll(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, text: Buffer.concat(parts).toString() });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  received = [];
  answer = (response) => void response.writeHead(202).end('ok');
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const settings = (): AlertSinkSettings => ({
  webhookUrl: `http://${host}/hook`,
  webhookSecret: 'a-secret-of-16-chars',
  slackUrl: `http://${host}/slack`,
  pagerDutyKey: 'routing-key',
  pagerDutyUrl: `http://${host}/v2/enqueue`,
  alertmanagerUrl: `http://${host}/`,
  allowedHosts: [host],
});
const sinksOf = (changes: Partial<AlertSinkSettings> = {}) =>
  createAlertSinks({ ...settings(), ...changes }, { timeoutMs: 10_000, now: Date.now });
const bodyAt = (path: string): unknown => JSON.parse(received.find((each) => each.path === path)?.text ?? 'null');

describe('sinks', () => {
  const state: AlertState = { ...condition, labels: { team: 'ml' }, seenSinceMs: 1_000, firingSinceMs: 1_000 };
  const message = (is: 'firing' | 'resolved') => ({
    id: 'alert-1',
    notices: [noticeOf({ ...state, ...(is === 'resolved' ? { resolvedAtMs: 5_000 } : {}) }, is)],
  });

  it('are told in the format of each', async () => {
    for (const sink of sinksOf()) expect(await sink.send(message('firing'))).toMatchObject({ ok: true });
    expect(bodyAt('/api/v2/alerts')).toEqual([
      {
        labels: { alertname: 'costlane_user_spend', severity: 'critical', tenant: 'acme', scope: 'ann', team: 'ml' },
        annotations: { summary: condition.summary },
        startsAt: '1970-01-01T00:00:01.000Z',
        endsAt: expect.any(String),
      },
    ]);
    expect(bodyAt('/hook')).toMatchObject({
      type: 'alerts',
      alerts: [{ rule: 'user_spend', state: 'firing', tenant_id: 'acme' }],
    });
    expect(bodyAt('/slack')).toMatchObject({
      text: 'CRITICAL: user_spend (acme)',
      blocks: [
        { type: 'header' },
        { type: 'section', text: { text: expect.stringContaining('User &lt;ann&gt; &amp; co') } },
      ],
    });
    expect(bodyAt('/v2/enqueue')).toMatchObject({
      routing_key: 'routing-key',
      event_action: 'trigger',
      dedup_key: expect.stringMatching(/^costlane\/[0-9a-f]{32}$/),
      payload: { severity: 'critical', source: 'costlane', group: 'acme' },
    });
  });

  it('that know an alert by its labels are told of the end of the former when it becomes worse', async () => {
    const [notice] = message('firing').notices;
    const [alertmanager] = sinksOf();
    if (notice) await alertmanager?.send({ id: 'alert-2', notices: [{ ...notice, formerSeverity: 'info' }] });
    const [former, now] = bodyAt('/api/v2/alerts') as { labels: Record<string, string>; endsAt: string }[];
    expect([former?.labels['severity'], now?.labels['severity']]).toEqual(['info', 'critical']);
    expect(Date.parse(former?.endsAt ?? '')).toBeLessThanOrEqual(Date.now());
    expect(Date.parse(now?.endsAt ?? '')).toBeGreaterThan(Date.now() + DAY);
  });

  it('that do not answer in time are left, and told later', async () => {
    answer = () => undefined;
    const [webhook] = createAlertSinks(
      { ...settings(), alertmanagerUrl: undefined },
      { timeoutMs: 250, now: Date.now },
    );
    expect(await webhook?.send(message('firing'))).toEqual({
      ok: false,
      reason: 'no answer within 250 ms',
      isFinal: false,
    });
    await waitFor(() => received.length === 1);
  });

  it('are not told of a beginning after its end', async () => {
    const { notices } = message('firing');
    const settled: OutboxVerdict[] = [];
    const waiting = { number: '7', sink: 'webhook', message: { notices }, attempts: 2, ageMs: 90_000 };
    const claimed = [waiting];
    const store = {
      claim: (sink: string) => Promise.resolve(sink === 'webhook' ? claimed.splice(0) : []),
      settle: (_message: unknown, verdict: OutboxVerdict) => Promise.resolve(void settled.push(verdict)),
      overtaken: () => Promise.resolve(new Set([notices[0]?.key ?? ''])),
    };
    await deliverAlerts({ store, sinks: sinksOf(), onOutcome: () => undefined });
    expect([received, settled]).toEqual([[], [{ state: 'sent' }]]);
  });

  it('are told that it is over, under the same key', async () => {
    for (const sink of sinksOf()) await sink.send(message('resolved'));
    expect(bodyAt('/api/v2/alerts')).toMatchObject([{ endsAt: '1970-01-01T00:00:05.000Z' }]);
    const key = noticeOf(state, 'firing').key;
    expect(bodyAt('/v2/enqueue')).toEqual({ routing_key: 'routing-key', dedup_key: key, event_action: 'resolve' });
    expect(bodyAt('/hook')).toMatchObject({ alerts: [{ key, state: 'resolved' }] });
  });

  it('a webhook is signed, as webhooks of jobs are', async () => {
    const [webhook] = sinksOf().filter(({ name }) => name === 'webhook');
    await webhook?.send(message('firing'));
    const [hook] = received;
    const timestamp = String(hook?.headers[webhookHeaders.timestamp]);
    const given = {
      timestamp,
      signature: String(hook?.headers[webhookHeaders.signature]),
      body: Buffer.from(hook?.text ?? ''),
    };
    expect(isWebhookGenuine('a-secret-of-16-chars', given)).toBe(true);
  });

  it('that lie on a private address are asked only where the operator allows it', async () => {
    expect(sinksOf().map(({ problem }) => problem)).toEqual(Array(4).fill(undefined));
    const refused = sinksOf({ allowedHosts: [], webhookUrl: 'https://name:secret@example.com/' });
    const noHttp = 'its address: must begin with https://.';
    expect(refused.map(({ problem }) => problem)).toEqual([
      noHttp,
      'its address: must not hold a name or password.',
      noHttp,
      noHttp,
    ]);
    for (const sink of refused) expect(await sink.send(message('firing'))).toMatchObject({ ok: false, isFinal: true });
    expect(received).toEqual([]);
  });

  it('a test tells how each did, without addresses', async () => {
    expect(await testAlert(sinksOf(), 'slack')).toEqual({ sinks: [{ sink: 'slack', delivered: true, reason: null }] });
    expect(received.map(({ path }) => path)).toEqual(['/slack', '/slack']);
    answer = (response) => void response.writeHead(500).end();
    const { sinks } = await testAlert(sinksOf(), '');
    expect(sinks.map(({ delivered, reason }) => [delivered, reason])).toEqual(Array(4).fill([false, 'HTTP 500']));
    await expect(testAlert(sinksOf({ slackUrl: undefined }), 'slack')).rejects.toMatchObject({ field: 'sink' });
  });

  it('that fail are tried again, later each time, and given up after a day', () => {
    const failed = { ok: false, reason: 'HTTP 500', isFinal: false } as const;
    const random = () => 1;
    expect(verdictOf(failed, { attempts: 1, ageMs: 0 }, random)).toMatchObject({ state: 'pending', delayMs: 5_000 });
    expect(verdictOf(failed, { attempts: 4, ageMs: 0 }, random)).toMatchObject({ delayMs: 40_000 });
    expect(verdictOf({ ...failed, retryAfterMs: 90_000 }, { attempts: 1, ageMs: 0 }, random)).toMatchObject({
      delayMs: 90_000,
    });
    expect(verdictOf(failed, { attempts: 90, ageMs: DAY + 1 }, random)).toMatchObject({ state: 'abandoned' });
    expect(verdictOf({ ...failed, isFinal: true }, { attempts: 1, ageMs: 0 }, random)).toMatchObject({
      state: 'abandoned',
    });
  });
});

describeWithServers('alerts in Postgres', () => {
  let scratch: ScratchDatabase;
  let ledger: Ledger;
  beforeAll(async () => {
    scratch = await createScratchDatabase(databaseUrlForTests() ?? '');
    ledger = createLedger({ databaseUrl: scratch.url, logger: quiet });
    await ledger.migrate();
  }, 60_000);
  afterAll(async () => {
    await ledger.close();
    await scratch.drop();
  });

  it('are told once by two that look at once, survive a sink that is away, and arrive when it is back', async () => {
    let lag = 500;
    let now = Date.now();
    const sinks = sinksOf({ slackUrl: undefined, pagerDutyKey: undefined, alertmanagerUrl: undefined });
    const watch = createAlertWatch({
      ledger,
      store: ledger.alerts,
      rules: () => Promise.resolve(readRules('rules: { ingest_lag: { for_seconds: 0 } }')),
      sinks,
      signals: {
        ingestLagSeconds: () => Promise.resolve(lag),
        isLedgerBalanced: () => Promise.resolve(true),
        fallbacks: () => Promise.resolve([]),
        holdoutSavings: () => Promise.resolve([]),
      },
      onStates: () => undefined,
      logger: quiet,
      now: () => now,
    });
    const results: string[] = [];
    const deliver = () =>
      deliverAlerts({
        store: ledger.alerts,
        sinks,
        onOutcome: (_sink, result) => results.push(result),
        random: () => 0,
      });

    await Promise.all([watch(), watch()]);
    await watch();
    answer = (response) => void response.writeHead(500).end('<html>');
    await deliver();
    expect([results, received.length]).toEqual([['pending'], 1]);
    // Not before its time.
    await deliver();
    expect(received).toHaveLength(1);
    const [claimed] = await ledger.alerts.list({ limit: 10 });
    expect(claimed).toMatchObject({ rule: 'ingest_lag', severity: 'critical', firingSinceMs: expect.any(Number) });

    answer = (response) => void response.writeHead(200).end('not json {');
    const message = await due();
    expect(message?.attempts).toBe(2);
    await ledger.alerts.settle(
      { number: message?.number ?? '', attempts: 2 },
      { state: 'pending', reason: '', delayMs: 0 },
    );
    await deliver();
    expect(results).toEqual(['pending', 'sent']);
    expect(JSON.parse(received[1]?.text ?? '')).toMatchObject({ alerts: [{ rule: 'ingest_lag', state: 'firing' }] });

    lag = 0;
    await watch();
    now += 11 * MINUTE;
    await watch();
    await deliver();
    expect(JSON.parse(received[2]?.text ?? '')).toMatchObject({ alerts: [{ rule: 'ingest_lag', state: 'resolved' }] });
    expect(await ledger.alerts.list({ limit: 10 })).toEqual([]);
  }, 60_000);

  /** The message once its time has come. */
  async function due() {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
      const [message] = await ledger.alerts.claim('webhook', 1, 60_000);
      if (message) return message;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return undefined;
  }
});
