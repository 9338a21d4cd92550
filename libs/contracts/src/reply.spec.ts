import fc from 'fast-check';
import {
  decodePart,
  decodeReply,
  encodePart,
  encodeReply,
  parseReplyField,
  replyField,
  type ReplyHeader,
  type ReplyKind,
} from './reply';

const header: ReplyHeader = {
  status: 200,
  contentType: 'application/json',
  provider: 'mock',
  modelUsed: 'm',
  paidNanoUsd: 3,
  baselineNanoUsd: 4,
  savings: { cache: 0, routing: 1, prefix: 0, batching: 0 },
  upstreamLatencyMs: 5,
  upstreamCalls: 1,
};
const anyKind = fc.constantFrom<ReplyKind>('r', 'h', 'c', 'e');
const anyAttempt = fc.stringMatching(/^[a-z0-9-]{0,12}$/);
/** A request id may hold separators: callers of other doors choose theirs. */
const anyRequestId = fc.oneof(fc.constantFrom('a:b', 'a.b', '1.2:3', '', 'ä😀'), fc.string({ unit: 'grapheme' }));
const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));

describe('the field of a reply part', () => {
  it('comes back as it was made', () => {
    fc.assert(
      fc.property(anyKind, anyAttempt, fc.nat(), anyRequestId, (kind, attempt, seq, requestId) => {
        expect(parseReplyField(replyField(kind, attempt, seq, requestId))).toEqual({ kind, attempt, seq, requestId });
      }),
    );
  });

  it.each([
    '',
    'r',
    'x1.0:req',
    'ra:req',
    'ra.0',
    '.0:req',
    'ra.:req',
    'ra.x:req',
    'ra.-1:req',
    'ra.1.5:req',
    'ra.1e999:req',
  ])('%j is no reply part', (field) => {
    expect(parseReplyField(field)).toBeUndefined();
  });
});

describe('a reply part over gRPC', () => {
  it('comes back as it was sent', () => {
    const anyLine = anyRequestId.filter((id) => !id.includes('\n'));
    fc.assert(
      fc.property(anyKind, anyAttempt, fc.nat(), anyLine, anyBytes, (kind, attempt, seq, requestId, value) => {
        const part = decodePart(encodePart(replyField(kind, attempt, seq, requestId), value));
        expect(part).toEqual({ kind, attempt, seq, requestId, value });
      }),
    );
  });

  it('is passed over when it has no field line or one of another kind', () => {
    expect(decodePart(Buffer.from('ra.0:req'))).toBeUndefined();
    expect(decodePart(Buffer.from('hello\nworld'))).toBeUndefined();
    expect(decodePart(Buffer.alloc(0))).toBeUndefined();
  });
});

describe('a reply', () => {
  it('comes back as it went in, body untouched', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), anyBytes, (modelUsed, body) => {
        const got = decodeReply(encodeReply({ ...header, modelUsed }, body));
        expect(got.header).toEqual({ ...header, modelUsed });
        expect(got.body.equals(body)).toBe(true);
      }),
    );
  });

  it('has an empty body when it was made without one', () => {
    expect(decodeReply(encodeReply(header)).body.length).toBe(0);
  });

  it('is refused without a header line or with one that is no JSON', () => {
    expect(() => decodeReply(Buffer.from('{}'))).toThrow('no header line');
    expect(() => decodeReply(Buffer.from('{\n'))).toThrow();
  });
});
