import type { CostlaneError } from '@costlane/domain';
import type { AnswerEnd } from '../../core/answer';
import type { InferenceRequest } from '../../core/inference-request';
import { chunk, completion, decision, end, header } from '../../testing/scripted-inference';
import { streamCompletion } from '../openai-chat/stream-completion';
import { ReplyListener, type ReplySink } from './reply-listener';
import type { InferenceReply } from './reply-schema';

function listen(stream: boolean) {
  const told: {
    deltas: string[];
    done?: InferenceReply;
    failed?: CostlaneError;
    begun: boolean;
    observed: AnswerEnd[];
  } = {
    deltas: [],
    begun: false,
    observed: [],
  };
  const sink: ReplySink = {
    begin: () => (told.begun = true),
    delta: (text) => void told.deltas.push(text),
    done: (reply) => (told.done = reply),
    fail: (error) => (told.failed = error),
  };
  const request = { requestId: 'req_1', stream } as InferenceRequest;
  return { told, listener: new ReplyListener(request, decision, sink, (ended) => void told.observed.push(ended)) };
}

const asStream = (text: string): Buffer =>
  streamCompletion(
    {
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    },
    true,
  );

describe('turning an answer into a reply', () => {
  it('tells a stream piece by piece and its whole text at the end', () => {
    const { told, listener } = listen(true);
    listener.head(header(), 'miss');
    listener.chunk(Buffer.from(chunk('Hel') + chunk('lo')));
    listener.chunk(Buffer.from(chunk('.')));
    listener.end(end());
    expect(told).toMatchObject({ begun: true, deltas: ['Hello', '.'], done: { text: 'Hello.' } });
    expect(told.observed).toHaveLength(1);
  });

  it.each([
    ['a document', false, { form: 'json' as const, body: completion('Hello.') }],
    ['a kept stream, asked for whole', false, { form: 'sse' as const, body: asStream('Hello.') }],
    ['a kept document, asked for as a stream', true, { form: 'json' as const, body: completion('Hello.') }],
    ['a kept stream', true, { form: 'sse' as const, body: asStream('Hello.') }],
  ])('takes %s', (_name, isStreamed, answer) => {
    const { told, listener } = listen(isStreamed);
    listener.whole({ ...end({ tier: 'exact' }), ...answer });
    expect(told.done?.text).toBe('Hello.');
    expect(told.deltas).toEqual(isStreamed ? ['Hello.'] : []);
  });

  it('takes an answer without text, as of a tool call, as empty', () => {
    const { told, listener } = listen(false);
    listener.whole({ ...end(), form: 'json', body: completion(null) });
    expect(told.done?.text).toBe('');
  });

  it('passes an error on with its code, field and time to wait', () => {
    const { told, listener } = listen(false);
    const failed = header({ errorCode: 'upstream_rate_limited', retryAfterMs: 2_000 });
    listener.whole({
      ...end({ header: failed }),
      form: 'json',
      body: Buffer.from('{"message":"Slow down.","field":"model"}'),
    });
    expect(told.failed).toMatchObject({ code: 'upstream_rate_limited', field: 'model', retryAfterMs: 2_000 });
  });

  it('fails when a stream ends in an error', () => {
    const { told, listener } = listen(true);
    listener.head(header(), 'miss');
    listener.chunk(Buffer.from(chunk('Hel')));
    listener.end(end({ header: header({ errorCode: 'stream_interrupted' }) }));
    expect(told).toMatchObject({ deltas: ['Hel'], failed: { code: 'stream_interrupted' } });
    expect(told.done).toBeUndefined();
  });

  it.each([
    [
      'a document that is no JSON',
      (listener: ReplyListener) => listener.whole({ ...end(), form: 'json', body: Buffer.from('<html>') }),
    ],
    [
      'a stream with an event that is no JSON',
      (listener: ReplyListener) => {
        listener.head(header(), 'miss');
        listener.chunk(Buffer.from('data: {broken\n\n'));
        listener.end(end());
      },
    ],
  ])('counts %s as a failure of the provider', (_name, give) => {
    const { told, listener } = listen(true);
    give(listener);
    expect(told.failed?.code).toBe('upstream_malformed');
    expect(told.observed.map(({ header: { errorCode } }) => errorCode)).toEqual(['upstream_malformed']);
  });
});
