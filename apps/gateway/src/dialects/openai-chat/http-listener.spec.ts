import type { ServerResponse } from 'node:http';
import type { WholeAnswer } from '../../core/answer';
import { hitOf } from '../../core/cached-reply';
import { sampleDecision, sampleRequest } from '../../testing/sample-request';
import { ChatHttpListener } from './http-listener';

function recordingResponse() {
  const written = { status: 0, body: '' };
  const response = {
    headersSent: false,
    writeHead: (status: number) => void (written.status = status),
    end: (body: Buffer | string) => void (written.body += body.toString()),
  };
  return { written, response: response as unknown as ServerResponse };
}

const kept = (form: 'json' | 'sse', body: string): WholeAnswer =>
  hitOf(
    {
      header: {
        v: 1,
        form,
        provider: 'openai',
        modelAsked: 'm',
        modelUsed: 'm-up',
        baselineNanoUsd: 100,
        askedAtMs: 1,
        createdAtMs: 1,
      },
      body: Buffer.from(body),
    },
    'exact',
    sampleDecision,
  );

describe('the chat door’s answer', () => {
  it.each([
    ['a stream with an event that is no JSON, asked for whole', false, kept('sse', 'data: {"id"\n\ndata: [DONE]\n\n')],
    ['a document that is no JSON, asked for as a stream', true, kept('json', '{"choices":[}')],
  ])('is an error that the client gets where what was kept cannot be read: %s', (_what, stream, answer) => {
    const { written, response } = recordingResponse();
    const codes: (string | undefined)[] = [];
    const listener = new ChatHttpListener(response, sampleRequest({ stream }), false, ({ header }) =>
      codes.push(header.errorCode),
    );
    listener.whole(answer);
    expect(written.status).toBe(502);
    expect(JSON.parse(written.body)).toMatchObject({ error: { code: 'upstream_malformed' } });
    expect(codes).toEqual(['upstream_malformed']);
  });
});
