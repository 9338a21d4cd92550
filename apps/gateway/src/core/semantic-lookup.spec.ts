import { LookUpReply, LookUpRequest } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { createLogger, createMetrics, type MuxClient } from '@costlane/platform';
import { createSemanticLookup, type SemanticLookupOptions } from './semantic-lookup';

const logger = createLogger({ service: 'spec', level: 'silent' });
const asked = (tenantId = 'acme') => ({
  tenantId,
  requestId: 'req_1',
  model: 'm',
  question: { text: 'Why?', contextHash: 'c' },
});
const reply = (more: Partial<LookUpReply> = {}): Buffer =>
  Buffer.from(
    LookUpReply.encode({
      fingerprint: 'f',
      similarity: 0.97,
      probability: 0.99,
      outcome: 'hit',
      isAudited: false,
      auditFingerprint: '',
      ...more,
    }).finish(),
  );

type Answer = (request: LookUpRequest) => Promise<Buffer>;

function setup(answers: Record<string, Answer>, more: Partial<SemanticLookupOptions> = {}) {
  const calls: { address: string; request: LookUpRequest }[] = [];
  const states = new Map<string, (isConnected: boolean) => void>();
  const metrics = createMetrics({ service: 'spec' });
  const lookup = createSemanticLookup({
    addresses: Object.keys(answers),
    timeoutMs: 30,
    logger,
    metrics,
    connect(address, onState) {
      const client = {
        isConnected: true,
        openCalls: 0,
        call(_method: string, body: Buffer) {
          const request = LookUpRequest.decode(body);
          calls.push({ address, request });
          return answers[address]!(request);
        },
        close: () => undefined,
      };
      states.set(address, (isConnected) => {
        client.isConnected = isConnected;
        onState(isConnected);
      });
      return client as unknown as MuxClient;
    },
    ...more,
  });
  const outcome = async (name: string): Promise<number> => {
    const text = await metrics.registry.metrics();
    return Number(
      new RegExp(`costlane_semantic_lookups_total\\{[^}]*outcome="${name}"[^}]*\\} (\\d+)`).exec(text)?.[1],
    );
  };
  return { lookup, calls, states, outcome };
}

const one = '127.0.0.1:1';
const never: Answer = () => new Promise(() => undefined);

describe('asking the semantic cache', () => {
  it('gives the hit, with what is known of it', async () => {
    const { lookup, calls, outcome } = setup({ [one]: async () => reply({ isAudited: true }) });
    expect(await lookup.find({ ...asked(), minSimilarity: 0.95 })).toEqual({
      hit: { fingerprint: 'f', similarity: 0.97, probability: 0.99, isAudited: true },
    });
    expect(calls[0]?.request).toMatchObject({
      tenantId: 'acme',
      text: 'Why?',
      contextHash: 'c',
      model: 'm',
      minSimilarity: 0.95,
    });
    expect(await outcome('hit')).toBe(1);
    lookup.close();
  });

  it('gives nothing for a miss, or what the request’s own answer is to be compared with', async () => {
    const replies = [reply({ fingerprint: '' }), reply({ fingerprint: '', isAudited: true, auditFingerprint: 'a' })];
    const { lookup } = setup({ [one]: async () => replies.shift()! });
    expect(await lookup.find(asked())).toEqual({});
    expect(await lookup.find(asked())).toEqual({ audit: { fingerprint: 'a', similarity: 0.97, probability: 0.99 } });
    lookup.close();
  });

  it('goes on without an answer that takes too long, and drops it when it comes', async () => {
    let release: (bytes: Buffer) => void = () => undefined;
    const { lookup, outcome } = setup({ [one]: () => new Promise((resolve) => (release = resolve)) });
    const begunAtMs = performance.now();
    expect(await lookup.find(asked())).toEqual({});
    expect(performance.now() - begunAtMs).toBeLessThan(500);
    release(reply());
    await new Promise(setImmediate);
    expect([await outcome('late'), await outcome('hit')]).toEqual([1, 0]);
    lookup.close();
  });

  it('asks no more for a while when the cache is slow, so that not every request waits', async () => {
    const { lookup, calls, outcome } = setup({ [one]: never });
    await Promise.all(Array.from({ length: 8 }, () => lookup.find(asked())));
    expect(await outcome('late')).toBe(8);
    // Fewer at a time first; then not at all.
    for (let n = 0; n < 4; n++) await lookup.find(asked());
    expect(await lookup.find(asked())).toEqual({});
    expect(calls).toHaveLength(12);
    expect(await outcome('paused')).toBe(1);
    lookup.close();
  });

  it('goes on at once when the cache is gone, refuses or says something else', async () => {
    const failing: Answer = () => Promise.reject(new CostlaneError('unavailable', 'gone'));
    const { lookup, states, outcome } = setup({ [one]: failing });
    expect(await lookup.find(asked())).toEqual({});
    states.get(one)?.(false);
    expect(await lookup.find(asked())).toEqual({});
    expect([await outcome('failed'), await outcome('unavailable')]).toEqual([1, 1]);
    const garbled = setup({ [one]: async () => Buffer.from([0xff, 0xff, 0xff]) });
    expect(await garbled.lookup.find(asked())).toEqual({});
    lookup.close();
    garbled.lookup.close();
  });

  it('asks the same replica for all questions of a tenant, and moves only the tenants of one that goes', async () => {
    const addresses = ['127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:3'];
    const { lookup, calls, states } = setup(
      Object.fromEntries(addresses.map((address) => [address, async () => reply()])),
    );
    const tenants = Array.from({ length: 60 }, (_, at) => `tenant-${at}`);
    const placesOf = async () => {
      calls.length = 0;
      for (const tenant of tenants) await lookup.find(asked(tenant));
      return calls.map(({ address }) => address);
    };
    const before = await placesOf();
    expect(await placesOf()).toEqual(before);
    expect(new Set(before).size).toBe(3);
    states.get('127.0.0.1:2')?.(false);
    const after = await placesOf();
    after.forEach((address, at) => {
      if (before[at] !== '127.0.0.1:2') expect(address).toBe(before[at]);
      else expect(address).not.toBe('127.0.0.1:2');
    });
    lookup.close();
  });
});
