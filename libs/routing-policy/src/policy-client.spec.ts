import { createPolicy, diffPolicies, type PolicyModel, type RoutingPolicy } from '@costlane/domain';
import { createLogger, createMetrics, type Metrics } from '@costlane/platform';
import { freePort, waitFor } from '@costlane/testing';
import { createPolicyClient, type PolicyClient } from './policy-client';
import { encodePolicyUpdate } from './policy-codec';
import { startScriptedRouter, type Script, type ScriptedRouter } from './testing/scripted-router';

const model = (name: string, isEnabled = true): PolicyModel => ({
  name,
  provider: 'mock',
  upstreamModel: name,
  isEnabled,
  tier: 'economy',
  isBreakerOpen: false,
  contextTokens: 0,
  maxOutputTokens: 0,
});

const policy = (version: string, ...models: PolicyModel[]): RoutingPolicy =>
  createPolicy({ version, defaultModel: 'a', models });

const update = (from: RoutingPolicy | undefined, to: RoutingPolicy) => encodePolicyUpdate(diffPolicies(from, to));

const first = policy('1-x', model('a'), model('b'));
const second = policy('2-y', model('a'), model('b', false), model('c'));
const third = policy('3-z', model('a'));

const logger = createLogger({ service: 'test', level: 'silent' });
const backOff = { firstMs: 10, lastMs: 50 };
const open: { close?: () => void; kill?: () => void }[] = [];

afterEach(() => {
  for (const resource of open.splice(0)) {
    resource.close?.();
    resource.kill?.();
  }
});

async function router(script?: Script): Promise<ScriptedRouter> {
  const started = await startScriptedRouter(script);
  open.push(started);
  return started;
}

function client(port: number): { client: PolicyClient; metrics: Metrics } {
  const metrics = createMetrics({ service: 'test' });
  const address = `127.0.0.1:${port}`;
  const created = createPolicyClient({ address, subscriber: 'gateway/1', logger, metrics, backOff });
  open.push(created);
  return { client: created, metrics };
}

/** Sends the policy to a subscriber that has none, as a router does. */
const fullOnHello =
  (current: () => RoutingPolicy): Script['onAck'] =>
  (ack, send) => {
    if (ack.appliedVersion !== current().version) send(update(undefined, current()));
  };

async function valueOf(
  metrics: Metrics,
  name: string,
  labels: Record<string, string> = {},
): Promise<number | undefined> {
  const metric = await metrics.registry.getSingleMetric(name)?.get();
  const matches = Object.entries(labels);
  return metric?.values.find((value) => matches.every(([label, wanted]) => value.labels[label] === wanted))?.value;
}

describe('policy client', () => {
  it('has no policy until the router sent one, and acknowledges what it applied', async () => {
    const server = await router({ onAck: fullOnHello(() => first) });
    const { client: subject, metrics } = client(server.port);
    expect(subject.current()).toBeUndefined();
    expect(await subject.ready(5_000)).toEqual(first);
    expect(subject.current()).toEqual(first);
    expect(subject.isStale()).toBe(false);
    await waitFor(() => server.acks.length === 2);
    expect(server.acks).toEqual([
      { subscriber: 'gateway/1', appliedVersion: '', health: [] },
      { subscriber: 'gateway/1', appliedVersion: '1-x', health: [] },
    ]);
    expect(await valueOf(metrics, 'costlane_policy_version', { version: '1-x' })).toBe(1);
  });

  it('applies deltas in order and tells its listeners', async () => {
    let current = first;
    const server = await router({ onAck: fullOnHello(() => current) });
    const { client: subject, metrics } = client(server.port);
    await subject.ready(5_000);
    const seen: string[] = [];
    const stop = subject.onChange(({ version }) => seen.push(version));
    current = second;
    server.send(update(first, second));
    await waitFor(() => subject.current()?.version === '2-y');
    expect(subject.current()).toEqual(second);
    stop();
    current = third;
    server.send(update(second, third));
    await waitFor(() => subject.current()?.version === '3-z');
    expect(seen).toEqual(['2-y']);
    expect(await valueOf(metrics, 'costlane_policy_version', { version: '2-y' })).toBeUndefined();
  });

  it('asks for the full policy when a delta was missed, once, and keeps the old one meanwhile', async () => {
    let current = first;
    const server = await router({
      onAck: (ack, send) => {
        if (ack.appliedVersion === '') send(update(undefined, current));
      },
    });
    const { client: subject } = client(server.port);
    await subject.ready(5_000);
    await waitFor(() => server.acks.length === 2);
    current = third;
    const versions: string[] = [];
    subject.onChange(({ version }) => versions.push(version));
    server.send({ ...update(second, third), version: '2.5-m' });
    server.send(update(second, third));
    await waitFor(() => subject.current()?.version === '3-z');
    expect(subject.current()).toEqual(third);
    expect(versions).toEqual(['3-z']);
    await waitFor(() => server.acks.at(-1)?.appliedVersion === '3-z');
    expect(server.acks.slice(2).map((ack) => ack.appliedVersion)).toEqual(['', '3-z']);
  });

  it('goes on with the last policy while the router is away, counts it once, and follows again when it is back', async () => {
    const server = await router({ onAck: fullOnHello(() => first) });
    const { client: subject, metrics } = client(server.port);
    await subject.ready(5_000);
    server.kill();
    await waitFor(() => subject.isStale());
    expect(subject.current()).toEqual(first);
    expect(await valueOf(metrics, 'costlane_policy_stale')).toBe(1);
    const isSecond = jest.fn();
    subject.onChange(isSecond);

    const again = await router({ port: server.port, onAck: fullOnHello(() => second) });
    await waitFor(() => subject.current()?.version === '2-y');
    expect(isSecond).toHaveBeenCalledTimes(1);
    expect(again.acks[0]?.appliedVersion).toBe('1-x');
    expect(subject.isStale()).toBe(false);
    expect(await valueOf(metrics, 'costlane_policy_stale')).toBe(0);
    expect(await valueOf(metrics, 'costlane_fallback_total', { kind: 'policy_stale' })).toBe(1);
  });

  it('counts each outage, not each attempt to reconnect', async () => {
    const server = await router({ onAck: (_ack, send) => send({ ...update(first, first), baseVersion: '' }) });
    const { client: subject, metrics } = client(server.port);
    await subject.ready(5_000);
    for (let outage = 1; outage <= 2; outage++) {
      const streams = server.streams;
      server.endStreams();
      await waitFor(() => server.streams > streams && !subject.isStale());
      expect(await valueOf(metrics, 'costlane_fallback_total', { kind: 'policy_stale' })).toBe(outage);
    }
  });

  it('waits for a router that starts later', async () => {
    const port = await freePort();
    const { client: subject, metrics } = client(port);
    const ready = subject.ready(10_000);
    await router({ port, onAck: fullOnHello(() => first) });
    expect((await ready).version).toBe('1-x');
    expect(await valueOf(metrics, 'costlane_fallback_total', { kind: 'policy_stale' })).toBeUndefined();
  });

  it('says that it is not ready when no policy comes in time or it is closed', async () => {
    const server = await router();
    const { client: subject } = client(server.port);
    await expect(subject.ready(20)).rejects.toMatchObject({ code: 'not_ready' });
    const waiting = subject.ready(10_000);
    subject.close();
    await expect(waiting).rejects.toMatchObject({ code: 'not_ready' });
  });

  it('keeps a model whose price cannot be read, without a price, and counts it', async () => {
    const server = await router({
      onAck: (ack, send) => {
        const full = update(undefined, first);
        const broken = full.upsertedModels.map((entry) => ({ ...entry, priceJson: '{' }));
        if (ack.appliedVersion === '') send({ ...full, upsertedModels: broken });
      },
    });
    const { client: subject, metrics } = client(server.port);
    const applied = await subject.ready(5_000);
    expect(applied.models.get('a')?.price).toBeUndefined();
    expect(await valueOf(metrics, 'costlane_fallback_total', { kind: 'policy_price_unreadable' })).toBe(2);
  });
});
