import fc from 'fast-check';
import { decodePayload, encodePayload, jobFields, type Job, type JobHeader } from './job';

const header: JobHeader = {
  v: 1,
  requestId: 'req_1',
  tenantId: 'acme',
  replyTo: 'g1',
  endpoint: '/v1/chat/completions',
  dialect: 'openai.chat',
  provider: 'mock',
  modelAsked: 'm',
  model: 'm',
  upstreamModel: 'm',
  routeReason: 'requested',
  policyVersion: '1',
  stream: false,
  deadlineAtMs: 2,
  createdAtMs: 1,
};
const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const anyText = fc.string({ unit: 'binary', maxLength: 30 });

describe('a job payload', () => {
  it('comes back as it went in, whatever the texts of its header and the bytes of its body', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.option(anyText, { nil: undefined }), anyBytes, (tenantId, model, tag, body) => {
        const sent: JobHeader = { ...header, tenantId, model, cacheTag: tag };
        const got = decodePayload(encodePayload(sent, body));
        expect(got.header).toEqual(sent);
        expect(got.body.equals(body)).toBe(true);
      }),
    );
  });

  it('leaves the body untouched where it is no text and where it begins with a line end', () => {
    for (const body of [Buffer.from([0, 10, 255, 254]), Buffer.from('\n\n{}'), Buffer.alloc(0)]) {
      expect(decodePayload(encodePayload(header, body)).body.equals(body)).toBe(true);
    }
  });

  it.each([
    ['no header line', '{"v":1}'],
    ['nothing', ''],
    ['a header that is no JSON', '{"v":\n{}'],
    ['a header that is null', 'null\n{}'],
    ['another version', '{"v":2}\n{}'],
    ['no version', '{}\n{}'],
  ])('is refused with %s', (_, text) => {
    expect(() => decodePayload(Buffer.from(text))).toThrow();
  });

  it('names the version that it cannot read', () => {
    expect(() => decodePayload(Buffer.from('{"v":7}\n'))).toThrow('version 7, this build reads 1');
  });
});

describe('jobFields', () => {
  it('are the five fields of the envelope, in order', () => {
    const job: Job = {
      taskType: 'inference.complete',
      priority: 'express',
      idempotencyKey: 'k',
      createdAt: '2026-01-01T00:00:00.000Z',
      header,
      body: Buffer.from('{}'),
    };
    const fields = jobFields(job);
    expect(fields.filter((_, index) => index % 2 === 0)).toEqual([
      'task_type',
      'payload',
      'priority',
      'idempotency_key',
      'created_at',
    ]);
    expect(fields[1]).toBe('inference.complete');
    expect(decodePayload(fields[3] as Buffer)).toEqual({ header, body: job.body });
    expect(fields.slice(5)).toEqual(['express', 'idempotency_key', 'k', 'created_at', '2026-01-01T00:00:00.000Z']);
  });
});
