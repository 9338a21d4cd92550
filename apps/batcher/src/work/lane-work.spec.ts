import { encodePayload, type JobHeader, type Priority } from '@costlane/contracts';
import { sampleJob } from '@costlane/testing';
import { callTokens } from './call-tokens';
import { HeldBytes } from './held-bytes';
import { LaneWork } from './lane-work';
import { leadingBlocks } from './leading-blocks';
import { sharedFields } from './shared-entry';
import { sharingScope } from './sharing-scope';

const nowMs = 1_000_000;
function workOf(header: Partial<JobHeader> = {}, body?: Buffer): LaneWork {
  const job = sampleJob({ fingerprint: 'f', cacheTtlSeconds: 60, ...header }, body ? { body } : {});
  const fields = ['task_type', 'x', 'payload', encodePayload(job.header, job.body), 'priority', 'standard'];
  const entry = { stream: 'lane', id: `${nowMs - 5}-0`, fields: fields.map((field) => Buffer.from(field)) };
  return new LaneWork('standard', entry, job, nowMs, () => Float32Array.of(1));
}

describe('callTokens', () => {
  const body = (text: string): Buffer => Buffer.from(text);

  it.each([
    ['{"max_tokens":40}', 45],
    ['{"max_completion_tokens" : 40}', 48],
    ['{"max_output_tokens":40,"x":1}', 48],
    ['{"messages":[]}', 260],
    ['{"max_tokens":null}', 261],
  ])('counts a quarter of the bytes and the limit of the answer: %s', (text, tokens) => {
    expect(callTokens(body(text))).toBe(tokens);
  });

  it('does not take a text that speaks of a limit for one', () => {
    const text = JSON.stringify({ messages: [{ content: 'say {"max_tokens":9999}' }] });
    expect(callTokens(body(text))).toBe(Math.ceil(text.length / 4) + 256);
  });

  it('finds the limit at either end of a large body, and never counts less than one token', () => {
    const long = JSON.stringify('x'.repeat(100_000));
    expect(callTokens(body(`{"max_tokens":7,"m":${long}}`))).toBe(Math.ceil((long.length + 21) / 4) + 7);
    expect(callTokens(body(`{"m":${long},"max_tokens":7}`))).toBe(Math.ceil((long.length + 21) / 4) + 7);
    expect(callTokens(body('{"max_tokens":0}'))).toBeGreaterThanOrEqual(1);
    expect(callTokens(Buffer.alloc(0))).toBeGreaterThanOrEqual(1);
  });
});

describe('leadingBlocks', () => {
  it('names every whole block by all that is before it', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(2_048));
    const names = leadingBlocks(Buffer.from(`${a}${b}${c}`)) ?? [];
    expect(names).toHaveLength(3);
    expect(leadingBlocks(Buffer.from(`${a}${b}x`))).toEqual(names.slice(0, 2));
    expect(leadingBlocks(Buffer.from(`${c}${b}`))?.[1]).not.toBe(names[1]);
  });

  it('has none for a short body and eight at the most', () => {
    expect(leadingBlocks(Buffer.alloc(2_047))).toBeUndefined();
    expect(leadingBlocks(Buffer.alloc(100_000))).toHaveLength(8);
  });
});

describe('what may share an answer', () => {
  it.each([
    ['a stream', { stream: true }],
    ['one with an idempotency key', { idempotency: { keyHash: 'k', bodyHash: 'b' } }],
    ['a check of the cache', { audit: { fingerprint: 'f', similarity: 1, probability: 1 } }],
    ['one whose answer must not be stored', { fingerprint: undefined }],
  ] as [string, Partial<JobHeader>][])('not %s', (_, header) => {
    const work = workOf({ semantic: { text: 'q', contextHash: 'c' }, ...header });
    expect([work.fingerprint, work.vector, work.question]).toEqual([undefined, undefined, undefined]);
  });

  it('only what goes on with the same models, and has about as much time where the caller has said so', () => {
    const scope = (header: Partial<JobHeader>) =>
      sharingScope(sampleJob({ fingerprint: 'f', ...header }).header, nowMs);
    const fallback = { model: 'n', provider: 'p', upstreamModel: 'n' };
    expect(scope({})).toBe(scope({ deadlineAtMs: nowMs + 9e6 }));
    expect(scope({ fallbacks: [fallback] })).toBe(scope({ fallbacks: [{ ...fallback }] }));
    expect(scope({ fallbacks: [fallback] })).not.toBe(scope({}));
    expect(scope({ expectsJson: true })).not.toBe(scope({}));
    const within = (timeMs: number) => scope({ isDeadlineExplicit: true, deadlineAtMs: nowMs + timeMs });
    expect(within(60_000)).toBe(within(64_000));
    expect(within(60_000)).not.toBe(within(600_000));
    expect(within(60_000)).not.toBe(scope({}));
  });
});

describe('LaneWork', () => {
  it('arrived when it entered the lane, and not later than now', () => {
    expect(workOf().arrivedAtMs).toBe(nowMs - 5);
  });

  it('may have come at another time than its entry says, which is dated by another clock', () => {
    const entry = { stream: 'lane', id: `${nowMs - 5_000}-0`, fields: [] };
    const cameAt = (ms: number) => new LaneWork('standard', entry, sampleJob(), nowMs, undefined, ms).arrivedAtMs;
    expect([cameAt(nowMs - 3), cameAt(nowMs + 3)]).toEqual([nowMs - 3, nowMs]);
  });

  it('takes as much memory as its whole payload, and what a long schema adds to its scope is bounded', () => {
    const schema = { description: 'x'.repeat(50_000) };
    const confidence = { minTokenProbability: 0.5, json: { schema } };
    const [plain, long] = [workOf(), workOf({ confidence })];
    expect(long.sizeBytes - plain.sizeBytes).toBeGreaterThan(50_000);
    expect(long.scope?.length).toBeLessThan(200);
    expect(long.scope).toBe(workOf({ confidence: { ...confidence } }).scope);
    expect(long.scope).not.toBe(workOf({ confidence: { ...confidence, minTokenProbability: 0.6 } }).scope);
  });

  it('reads the blocks of its prompt once somebody asks', () => {
    const work = workOf({}, Buffer.alloc(5_000, 'x'));
    expect(work.prefix).toHaveLength(2);
    expect(work.prefix).toBe(work.prefix);
  });
});

describe('work of the holdout', () => {
  it('shares neither its answer nor its place with any other', () => {
    const body = Buffer.alloc(5_000, 'x');
    const shareable = { fingerprint: 'f00' };
    expect(workOf(shareable, body)).toMatchObject({
      scope: expect.any(String) as string,
      fingerprint: expect.any(String) as string,
    });
    const held = workOf({ ...shareable, isHoldout: true }, body);
    expect([held.scope, held.fingerprint, held.vector, held.prefix]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('sharedFields', () => {
  it('is the first one’s entry, whose header names the others, until the last one’s deadline', () => {
    const works = ['1', '2', '3'].map((requestId, at) => workOf({ requestId, deadlineAtMs: nowMs + 1_000 * (3 - at) }));
    const fields = sharedFields(works);
    const merged = new LaneWork('standard', { stream: 'lane', id: '1-0', fields }, sampleJob(), nowMs).decode();
    expect(merged.header.requestId).toBe('1');
    expect(merged.header.deadlineAtMs).toBe(nowMs + 3_000);
    expect(merged.header.followers?.map(({ requestId }) => requestId)).toEqual(['2', '3']);
    expect(merged.body).toEqual(works[0]?.decode().body);
    expect(fields.filter((_, at) => at % 2 === 0).map(String)).toEqual(['task_type', 'payload', 'priority']);
  });

  it('has what an answer has to be once, for all of them', () => {
    const confidence = { minTokenProbability: 0.5, json: { schema: { type: 'object' } } };
    const works = ['1', '2'].map((requestId) => workOf({ requestId, confidence }));
    const merged = new LaneWork('batch', { stream: 'l', id: '1-0', fields: sharedFields(works) }, sampleJob(), nowMs);
    const { header } = merged.decode();
    expect([header.confidence, header.followers?.[0]?.confidence]).toEqual([confidence, undefined]);
  });

  it('lasts until the first one’s deadline where the callers have set it', () => {
    const works = [9_000, 8_000].map((timeMs) => workOf({ isDeadlineExplicit: true, deadlineAtMs: nowMs + timeMs }));
    const merged = new LaneWork('batch', { stream: 'l', id: '1-0', fields: sharedFields(works) }, sampleJob(), nowMs);
    expect(merged.decode().header.deadlineAtMs).toBe(nowMs + 8_000);
  });
});

describe('HeldBytes', () => {
  it('lets one tenant have half, and gives back', () => {
    const bytes = new HeldBytes(1_000);
    const take = (tenantId: string, sizeBytes: number): boolean =>
      bytes.take({ tenantId, lane: 'standard', sizeBytes });
    expect([take('a', 500), take('a', 1), take('b', 250), take('c', 126)]).toEqual([true, false, true, false]);
    bytes.give({ tenantId: 'a', lane: 'standard', sizeBytes: 500 });
    expect([bytes.total, take('c', 126), take('a', 312), take('a', 1)]).toEqual([250, true, true, false]);
  });

  it('has room for a tenant’s express work beside as much batch work as there may be', () => {
    const bytes = new HeldBytes(1_000);
    const take = (lane: Priority, sizeBytes: number): boolean => bytes.take({ tenantId: 'a', lane, sizeBytes });
    expect([take('batch', 500), take('batch', 1), take('express', 250), take('express', 1)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});
