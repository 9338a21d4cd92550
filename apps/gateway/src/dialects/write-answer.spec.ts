import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WholeAnswer } from '../core/answer';
import { hitOf } from '../core/cached-reply';
import { sampleDecision, sampleRequest } from '../testing/sample-request';
import { MessageHttpListener } from './anthropic-messages/http-listener';
import { ChatHttpListener } from './openai-chat/http-listener';
import { OpenAiHttpListener } from './openai-answers/http-listener';
import { embeddingsWriter } from './openai-embeddings/answer-writer';
import { errorIn, interruption, STREAM_HEADERS, streamHeaders, toldCosts, writeError, writePart } from './write-answer';

const kept = (body: string, header: Partial<WholeAnswer['header']> = {}): WholeAnswer => {
  const cached = { v: 1, form: 'json', provider: 'openai', modelAsked: 'm', modelUsed: 'm-up' } as const;
  const times = { baselineNanoUsd: 100, askedAtMs: 1, createdAtMs: 1 };
  const hit = hitOf({ header: { ...cached, ...times }, body: Buffer.from(body) }, 'exact', sampleDecision);
  return { ...hit, header: { ...hit.header, ...header } };
};

/** What a client gets when this is written, over a real connection. */
async function answered(write: (response: ServerResponse) => void) {
  const server = createServer((_request, response) => write(response)).listen(0, '127.0.0.1');
  try {
    await new Promise((listening) => server.once('listening', listening));
    const { port } = server.address() as AddressInfo;
    const response = await new Promise<IncomingMessage>((got, failed) => {
      request({ port, host: '127.0.0.1' }, got).on('error', failed).end();
    });
    let body = '';
    for await (const part of response) body += String(part);
    return { status: response.statusCode, headers: response.headers, names: response.rawHeaders, body };
  } finally {
    server.close();
  }
}

const listeners = {
  chat: (response: ServerResponse) => new ChatHttpListener(response, sampleRequest(), false, () => undefined),
  'another OpenAI door': (response: ServerResponse) =>
    new OpenAiHttpListener(response, sampleRequest(), embeddingsWriter, () => undefined),
  messages: (response: ServerResponse) => new MessageHttpListener(response, sampleRequest(), false, () => undefined),
};

describe.each(Object.entries(listeners))('an answer of %s', (_name, listen) => {
  it('tells an error with its code, when to ask again, and what the route was', async () => {
    const error = kept('{"message":"Too many."}', { errorCode: 'rate_limited', retryAfterMs: 1_500 });
    const { status, headers, body } = await answered((response) => listen(response).whole(error));
    expect(status).toBe(429);
    expect(headers).toMatchObject({
      'x-request-id': 'req_1',
      'x-route-decision': 'requested',
      'x-error-code': 'rate_limited',
      'retry-after': '2',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    });
    expect(JSON.parse(body)).toMatchObject({ error: { message: 'Too many.' } });
  });

  it('is an internal error where the code is one that this gateway does not know', async () => {
    const error = kept('{"message":"New."}', { errorCode: 'of_tomorrow' as 'internal' });
    const { status, headers } = await answered((response) => listen(response).whole(error));
    expect([status, headers['x-error-code']]).toEqual([500, 'internal']);
  });

  it('names the kept answer, so that it can be dropped', async () => {
    const document = '{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}';
    const { status, headers } = await answered((response) => listen(response).whole(kept(document)));
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'x-cache': 'exact', 'x-cache-key': 'f00', 'content-type': 'application/json' });
  });
});

describe('a stream’s head', () => {
  it('keeps proxies from holding events back, and has no cache key where nothing is kept', () => {
    const { header, decision } = kept('');
    const headers = streamHeaders(sampleRequest({ useCache: false }), header, 'miss', decision, STREAM_HEADERS);
    expect(headers).toEqual([
      ...['x-request-id', 'req_1', 'x-cache', 'miss', 'x-model-used', 'm-up', 'x-provider', 'openai'],
      ...['x-route-decision', 'requested', 'content-type', 'text/event-stream; charset=utf-8'],
      ...['cache-control', 'no-cache', 'x-accel-buffering', 'no'],
    ]);
  });
});

describe('a part of a stream', () => {
  const recording = (writableLength: number) => {
    const calls: string[] = [];
    const write = (part: Buffer | string) => calls.push(`write ${String(part)}`);
    const response = { writableLength, write, destroy: () => calls.push('destroy') };
    return { calls, response: response as unknown as ServerResponse };
  };

  it.each([
    ['is written', 16 * 1024 * 1024, 'a', ['write a']],
    ['is the last for a client that is too far behind', 16 * 1024 * 1024 + 1, 'a', ['write a', 'destroy']],
    ['is not written when it is empty', 0, '', []],
  ])('%s', (_what, queuedBytes, part, expected) => {
    const { calls, response } = recording(queuedBytes);
    writePart(response, part);
    expect(calls).toEqual(expected);
  });
});

describe('an error', () => {
  it('comes with the dialect’s own headers before its own', async () => {
    const shaped = { status: 418, headers: { 'x-error-code': 'internal' }, body: { é: 1 } };
    const { status, names, body } = await answered((response) =>
      writeError(response, 'req_1', kept('{}'), shaped, ['request-id', 'req_1']),
    );
    expect([status, body]).toEqual([418, '{"é":1}']);
    const own = names.filter((name) => ['request-id', 'x-error-code', 'content-type', 'content-length'].includes(name));
    expect(own).toEqual(['request-id', 'x-error-code', 'content-type', 'content-length']);
  });

  it('is read from an answer with what the provider said', () => {
    const body = JSON.stringify({ message: 'No.', field: 'model', upstream: { error: { code: 'theirs' } } });
    const { error, upstream } = errorIn(kept(body, { errorCode: 'upstream_rejected', retryAfterMs: 5 }));
    expect(error).toMatchObject({ code: 'upstream_rejected', message: 'No.', field: 'model', retryAfterMs: 5 });
    expect(upstream).toEqual({ error: { code: 'theirs' } });
  });

  it.each([
    ['deadline_exceeded', 'deadline_exceeded'],
    ['of_tomorrow', 'internal'],
  ])('of a stream that broke off by %s is %s', (code, expected) => {
    expect(interruption(code).code).toBe(expected);
  });
});

describe('what an answer cost', () => {
  it('is told in dollars beside the tier and the model', () => {
    expect(toldCosts('req_1', { ...kept(''), paidNanoUsd: 0, savedNanoUsd: 100 })).toEqual({
      request_id: 'req_1',
      cost_usd: '0.000000000',
      baseline_usd: '0.000000100',
      saved_usd: '0.000000100',
      cache: 'exact',
      model_used: 'm-up',
    });
  });
});
