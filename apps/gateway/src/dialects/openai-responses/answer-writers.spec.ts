import fc from 'fast-check';
import OpenAI from 'openai';
import type { WholeAnswer } from '../../core/answer';
import { end } from '../../testing/scripted-inference';
import type { AnswerWriter, ToldCosts } from '../openai-answers/answer-writer';
import { chatWriter, nativeWriter } from './answer-writers';

const told: ToldCosts = {
  request_id: 'req_1',
  cost_usd: '0.1',
  baseline_usd: '0.2',
  saved_usd: '0.1',
  cache: 'miss',
  model_used: 'm',
};
const repeated = { instructions: 'Be brief.', store: false, tools: [], metadata: { a: 'b' } };
const writer = chatWriter(() => repeated);

const usage = {
  prompt_tokens: 20,
  completion_tokens: 9,
  total_tokens: 29,
  prompt_tokens_details: { cached_tokens: 16 },
  completion_tokens_details: { reasoning_tokens: 4 },
};
const base = { id: 'chatcmpl-abc', created: 7, model: 'm-2' };
const chunkOf = (delta: object, finish: string | null = null, more: object = {}) => ({
  ...base,
  choices: [{ index: 0, delta, finish_reason: finish, ...more }],
});
const usageChunk = { ...base, choices: [], usage, service_tier: 'flex' };
const sse = (...chunks: object[]): Buffer =>
  Buffer.from([...chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), 'data: [DONE]\n\n'].join(''));

const whole = (body: Buffer, form: 'json' | 'sse'): WholeAnswer => ({ ...end(), form, body });

function live(by: AnswerWriter, bytes: Buffer, cuts: number[] = []): string {
  const stream = by.stream();
  const places = [0, ...[...new Set(cuts)].sort((a, b) => a - b), bytes.length];
  let text = '';
  for (let i = 1; i < places.length; i++) text += String(stream.push(bytes.subarray(places[i - 1], places[i])));
  return text + stream.end(told);
}

interface Event {
  type: string;
  sequence_number: number;
  output_index?: number;
  [field: string]: unknown;
}

/** Has the official client read the events, and put them together by its own helper. */
async function readByClient(events: string) {
  const answer = () => Promise.resolve(new Response(events, { headers: { 'content-type': 'text/event-stream' } }));
  const client = new OpenAI({ apiKey: 'none', baseURL: 'http://unused', fetch: answer, maxRetries: 0 });
  const seen: Event[] = [];
  const stream = client.responses.stream({ model: 'm', input: 'x' });
  for await (const event of stream) seen.push(event as unknown as Event);
  return { seen, final: await stream.finalResponse() };
}

const documentOf = (by: AnswerWriter, answer: WholeAnswer): unknown => JSON.parse(by.document(answer).toString());

const text = [
  chunkOf({ role: 'assistant', content: '' }),
  chunkOf({ content: 'The ' }),
  chunkOf({ content: 'Rhine.' }, null, { logprobs: { content: [{ token: 'Rhine', logprob: -1 }] } }),
  chunkOf({}, 'stop'),
  usageChunk,
];
const calls = [
  chunkOf({ role: 'assistant', reasoning_content: 'Let me ' }),
  chunkOf({ reasoning_content: 'look.' }),
  chunkOf({ content: 'I look.' }),
  chunkOf({ tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '' } }] }),
  chunkOf({ tool_calls: [{ index: 0, function: { arguments: '{"a":' } }] }),
  chunkOf({ tool_calls: [{ index: 1, id: 'c2', type: 'function', function: { name: 'g', arguments: '{}' } }] }),
  chunkOf({ tool_calls: [{ index: 0, function: { arguments: '1}' } }] }),
  chunkOf({}, 'tool_calls'),
  usageChunk,
];

describe('a chat answer told as a response', () => {
  it('has text, usage and ids in their places, and repeats what was asked', () => {
    expect(documentOf(writer, whole(sse(...text), 'sse'))).toEqual({
      id: 'resp_abc',
      object: 'response',
      created_at: 7,
      status: 'completed',
      error: null,
      incomplete_details: null,
      model: 'm-2',
      output: [
        {
          id: 'msg_abc',
          type: 'message',
          status: 'completed',
          role: 'assistant',
          content: [
            {
              type: 'output_text',
              text: 'The Rhine.',
              annotations: [],
              logprobs: [{ token: 'Rhine', logprob: -1 }],
            },
          ],
        },
      ],
      ...repeated,
      service_tier: 'flex',
      usage: {
        input_tokens: 20,
        input_tokens_details: { cached_tokens: 16 },
        output_tokens: 9,
        output_tokens_details: { reasoning_tokens: 4 },
        total_tokens: 29,
      },
    });
  });

  it('has thoughts, words and calls as items of their own', () => {
    expect(documentOf(writer, whole(sse(...calls), 'sse'))).toMatchObject({
      output: [
        { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Let me look.' }] },
        { type: 'message', content: [{ text: 'I look.' }] },
        { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a":1}' },
        { type: 'function_call', call_id: 'c2', name: 'g', arguments: '{}' },
      ],
    });
  });

  it.each([
    ['length', 'incomplete', { reason: 'max_output_tokens' }],
    ['content_filter', 'incomplete', { reason: 'content_filter' }],
    ['stop', 'completed', null],
  ])('that ended for %s is %s', (finish, status, details) => {
    const answer = whole(sse(chunkOf({ content: 'x' }), chunkOf({}, finish)), 'sse');
    expect(documentOf(writer, answer)).toMatchObject({
      status,
      incomplete_details: details,
      output: [{ status }],
      usage: null,
    });
  });

  it('a refusal is a part of the message, and silence a message without words', () => {
    const output = (...chunks: object[]) =>
      (documentOf(writer, whole(sse(...chunks), 'sse')) as { output: unknown[] }).output;
    expect(output(chunkOf({ refusal: 'No.' }))).toMatchObject([{ content: [{ type: 'refusal', refusal: 'No.' }] }]);
    expect(output(chunkOf({}, 'stop'))).toMatchObject([{ content: [{ type: 'output_text', text: '' }] }]);
  });

  it.each(['{}', '{"choices":[]}', 'x'])('%s is no answer', (body) => {
    expect(() => writer.document(whole(Buffer.from(body), 'json'))).toThrow();
  });
});

describe('the events of a chat answer', () => {
  it.each([
    ['text', text],
    ['thoughts and calls', calls],
    ['a refusal', [chunkOf({ refusal: 'No.' }), chunkOf({}, 'stop'), usageChunk]],
    ['silence', [chunkOf({ role: 'assistant' }), chunkOf({}, 'stop')]],
    ['a text that was cut', [chunkOf({ content: 'The' }), chunkOf({}, 'length'), usageChunk]],
  ])('%s: the last of them has the response that a whole answer would have been', async (_name, chunks) => {
    const bytes = sse(...chunks);
    const document = documentOf(writer, whole(bytes, 'sse'));
    for (const events of [live(writer, bytes), String(writer.events(whole(bytes, 'sse'), told))]) {
      const { seen } = await readByClient(events);
      expect(seen.map(({ sequence_number: number }) => number)).toEqual(seen.map((_, i) => i));
      const last = seen.at(-1) as Event & { response: { output: { id: string }[] } };
      expect(withoutIds(last.response)).toEqual(withoutIds(document));
      expect(last['costlane']).toEqual(told);
    }
  });

  it('come in the order that the official helper wants, live and told of a whole answer', async () => {
    for (const events of [live(writer, sse(...calls)), String(writer.events(whole(sse(...calls), 'sse'), told))]) {
      const { seen, final } = await readByClient(events);
      const order = (index: number): string[] =>
        seen
          .filter((event) => event.output_index === index)
          .map(({ type }) => type.replace('response.', ''))
          .filter((type, i, all) => type !== all[i - 1]);
      const spoken = (kind: string) => [
        'output_item.added',
        'content_part.added',
        `${kind}.delta`,
        `${kind}.done`,
        'content_part.done',
        'output_item.done',
      ];
      expect(seen.slice(0, 2).map(({ type }) => type)).toEqual(['response.created', 'response.in_progress']);
      expect(order(0)).toEqual(spoken('reasoning_text'));
      expect(order(1)).toEqual(spoken('output_text'));
      for (const index of [2, 3]) {
        expect(order(index)).toEqual([
          'output_item.added',
          'function_call_arguments.delta',
          'function_call_arguments.done',
          'output_item.done',
        ]);
      }
      expect(final.output.map(({ type }) => type)).toEqual(['reasoning', 'message', 'function_call', 'function_call']);
    }
  });

  it('are the same however the bytes are cut', () => {
    const bytes = sse(...calls, chunkOf({ content: 'ä𝒳' }));
    const expected = live(writer, bytes);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        expect(live(writer, bytes, cuts)).toBe(expected);
      }),
    );
  });

  it('end with an error that official clients throw', async () => {
    const stream = writer.stream();
    const begun = String(stream.push(sse(...text.slice(0, 2))));
    const failed = stream.fail({
      message: 'Broke off.',
      type: 'server_error',
      param: null,
      code: 'stream_interrupted',
    });
    await expect(readByClient(begun + failed)).rejects.toMatchObject({ code: 'stream_interrupted' });
    expect(failed).toMatch(/^event: error\ndata: {"type":"error","sequence_number":5,"code":"stream_interrupted"/);
  });

  it('throw on what is no chat stream', () => {
    expect(() => writer.stream().push(Buffer.from('data: {"cho\n\n'))).toThrow();
    expect(() => writer.stream().end(told)).toThrow();
  });
});

describe('an answer of a provider that speaks the dialect', () => {
  const response = documentOf(writer, whole(sse(...calls), 'sse')) as object;
  const json = Buffer.from(JSON.stringify(response, undefined, 1));

  it('is passed on as it is', () => {
    expect(nativeWriter.document(whole(json, 'json'))).toBe(json);
  });

  it('that was kept in one form is told in the other', async () => {
    const events = nativeWriter.events(whole(json, 'json'), told);
    const { seen, final } = await readByClient(String(events));
    expect(seen.at(-1)).toMatchObject({ type: 'response.completed', response, costlane: told });
    expect(final.output).toHaveLength(4);
    expect(documentOf(nativeWriter, whole(events, 'sse'))).toEqual(response);
  });

  it('keeps items of built-in tools whole', async () => {
    const search = { id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'q' } };
    const searched = Buffer.from(JSON.stringify({ ...response, output: [search] }));
    const { seen } = await readByClient(String(nativeWriter.events(whole(searched, 'json'), told)));
    expect(seen[2]).toMatchObject({ type: 'response.output_item.added', item: search });
    expect(seen[3]).toMatchObject({ type: 'response.output_item.done', item: search });
  });

  it('that is none is told apart', () => {
    expect(() => nativeWriter.document(whole(Buffer.from('data: {}\n\n'), 'sse'))).toThrow();
    expect(() => nativeWriter.events(whole(Buffer.from('<html>'), 'json'), told)).toThrow();
  });
});

/** Ids of items are made of the same letters, and of the item's place where it is not the only one of its kind. */
const withoutIds = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, field: unknown) => (key === 'id' ? undefined : field)));
