import { usageFromOpenAi } from '@costlane/domain';
import fc from 'fast-check';
import { readCompletion } from './extract-usage';

const usage = {
  prompt_tokens: 2_006,
  completion_tokens: 300,
  total_tokens: 2_306,
  prompt_tokens_details: { cached_tokens: 1_920 },
  completion_tokens_details: { reasoning_tokens: 192 },
};
const choice = (content: unknown, finishReason: string | null = 'stop') => ({
  index: 0,
  message: { role: 'assistant', content },
  finish_reason: finishReason,
});
const completion = (parts: object = {}) => ({ model: 'gpt-4o', choices: [choice('Hello')], usage, ...parts });

const read = (json: unknown) => {
  const result = readCompletion(Buffer.from(JSON.stringify(json)));
  if (result.kind !== 'completion') throw new Error(`read as ${result.kind}`);
  return result.facts;
};

describe('readCompletion', () => {
  it('finds usage, model, tier and finish reason', () => {
    expect(read(completion({ service_tier: 'flex' }))).toEqual({
      usage: usageFromOpenAi(usage)?.usage,
      modelUsed: 'gpt-4o',
      serviceTier: 'flex',
      finishReason: 'stop',
      characters: 5,
      isWhole: true,
    });
  });

  it.each([
    ['a text that contains one', { choices: [choice('{"usage":{"prompt_tokens":1,"completion_tokens":1}}')] }],
    ['an object of that name elsewhere', { choices: [{ ...choice('x'), usage: { prompt_tokens: 1 } }] }],
    ['one in a field that comes later', { extra: { usage: { prompt_tokens: 1, completion_tokens: 1 } } }],
  ])('is not taken in by %s', (_name, parts) => {
    expect(read(completion(parts)).usage).toEqual(usageFromOpenAi(usage)?.usage);
  });

  it('keeps a model name in any alphabet, and counts text in UTF-8 bytes', () => {
    expect(read(completion({ model: 'модель-é', choices: [choice('é')] }))).toMatchObject({
      modelUsed: 'модель-é',
      characters: 2,
    });
  });

  it('reads what JSON.parse reads, whatever the content, order and spacing', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('"usage":{"prompt_tokens":7}'), fc.json());
    const count = fc.nat(1_000_000);
    fc.assert(
      fc.property(
        text,
        count,
        count,
        fc.boolean(),
        fc.constantFrom(undefined, 1, '\t'),
        (content, a, b, first, space) => {
          const reported = { prompt_tokens: a, completion_tokens: b, total_tokens: a + b };
          const rest = { id: content, model: 'm', choices: [choice(content)] };
          const json = first ? { usage: reported, ...rest } : { ...rest, usage: reported };
          const body = Buffer.from(JSON.stringify(json, undefined, space));
          expect(readCompletion(body)).toMatchObject({
            kind: 'completion',
            facts: { usage: usageFromOpenAi(reported)?.usage, modelUsed: 'm', finishReason: 'stop' },
          });
        },
      ),
    );
  });

  it('takes no proper part of an answer for an answer', () => {
    const body = Buffer.from(JSON.stringify(completion()));
    for (let size = 0; size < body.length; size++) {
      expect(readCompletion(body.subarray(0, size)).kind).toBe('malformed');
    }
  });

  it.each(['', 'null', '[]', '"text"', '{}', '{"choices":null}', '<html>', '{"choices":[]}trailing'])(
    'takes %p for malformed',
    (text) => expect(readCompletion(Buffer.from(text)).kind).toBe('malformed'),
  );

  it('tells an error that came as a 200', () => {
    expect(readCompletion(Buffer.from('{"error":{"message":"no"}}')).kind).toBe('error');
  });

  it.each([
    ['stopped', [choice('a')], true],
    ['ran into the limit of the request', [choice('a', 'length')], false],
    ['calls a tool', [{ ...choice(null, 'tool_calls'), message: { tool_calls: [{ function: { name: 'f' } }] } }], true],
    ['was filtered', [choice('a', 'content_filter')], false],
    ['has an unknown reason', [choice('a', 'error')], false],
    ['has no reason', [choice('a', null)], false],
    ['is only half of two', [choice('a'), choice('b', null)], false],
    ['says nothing', [choice('')], false],
    ['has no choices', [], false],
  ])('knows whether an answer is whole that %s', (_name, choices, isWhole) => {
    expect(read(completion({ choices })).isWhole).toBe(isWhole);
  });
});
