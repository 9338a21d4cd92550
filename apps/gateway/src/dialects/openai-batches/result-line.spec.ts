import fc from 'fast-check';
import type { ResultLines, StoredItem } from '@costlane/ledger';
import { resultLine, sizeOfLines } from './result-line';

const item = (more: Partial<StoredItem>): StoredItem => ({
  index: 7,
  customId: 'a"ü',
  state: 'succeeded',
  attempts: 1,
  isDead: false,
  costNanoUsd: 0,
  ...more,
});
const lineOf = (more: Partial<StoredItem>): unknown => {
  const line = resultLine('batch_ab', item(more)).toString();
  expect(line.indexOf('\n')).toBe(line.length - 1);
  return JSON.parse(line);
};

describe('a line of a result file', () => {
  it('holds the answer as it is', () => {
    expect(lineOf({ status: 200, result: Buffer.from('{"id":"x","choices":[]}') })).toEqual({
      id: 'batch_req_ab_7',
      custom_id: 'a"ü',
      response: { status_code: 200, request_id: 'batch_ab-7', body: { id: 'x', choices: [] } },
      error: null,
    });
  });

  it('is one line, even where the answer was written in several', () => {
    const result = Buffer.from(JSON.stringify({ text: 'a\nb\r' }, null, 2).replaceAll('\n', '\r\n'));
    expect(lineOf({ status: 200, result })).toMatchObject({ response: { body: { text: 'a\nb\r' } } });
  });

  it('holds a text where the answer is no JSON', () => {
    expect(lineOf({ status: 502, state: 'failed', result: Buffer.from('Bad\nGateway') })).toMatchObject({
      response: { status_code: 502, body: 'Bad\nGateway' },
    });
  });

  it.each([
    ['expired', undefined, 'batch_expired'],
    ['cancelled', undefined, 'batch_cancelled'],
    ['failed', 'upstream_timeout', 'upstream_timeout'],
    ['failed', undefined, 'internal'],
  ] as const)('tells why there is no answer (%s, %s)', (state, errorCode, code) => {
    expect(lineOf({ state, errorCode })).toEqual({
      id: 'batch_req_ab_7',
      custom_id: 'a"ü',
      response: null,
      error: { code, message: expect.stringMatching(/\.$/) },
    });
  });

  it('is as long as was said beforehand', () => {
    const ended = fc.record({
      index: fc.nat(200_000),
      customId: fc.string({ unit: 'grapheme' }),
      state: fc.constantFrom('succeeded' as const, 'failed' as const, 'expired' as const),
      status: fc.constantFrom(undefined, 200, 429),
      result: fc.option(
        fc.jsonValue().map((value) => Buffer.from(JSON.stringify([value]))),
        { nil: undefined },
      ),
    });
    fc.assert(
      fc.property(fc.array(ended), (items) => {
        const groups = items.map(({ index, customId, state, status, result }): ResultLines => ({
          state,
          status,
          isAnswered: result !== undefined,
          lines: 1,
          resultBytes: result?.length ?? 0,
          customIdBytes: Buffer.byteLength(JSON.stringify(customId)),
          indexDigits: String(index).length,
        }));
        const written = Buffer.concat(items.map((one) => resultLine('batch_ab', item(one))));
        expect(sizeOfLines('batch_ab', groups)).toBe(written.length);
      }),
    );
  });
});
