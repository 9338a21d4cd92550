import fc from 'fast-check';
import { createBodyIndex } from './body-index';
import { upstreamBody } from './upstream-body';

const facts = (body: Buffer) => createBodyIndex()('acme', body);
const upstream = (text: string, model: string): string => {
  const raw = Buffer.from(text);
  return upstreamBody(raw, facts(raw), model).toString();
};
const messages = '"messages":[{"role":"user","content":"hi"}]';

describe('upstreamBody', () => {
  it('hands the client’s bytes on as they are wherever nothing has to change', () => {
    const raw = Buffer.from(`{ "seed": 12345678901234567890, "model":"m",\n${messages}, "x":1.0 }`);
    expect(upstreamBody(raw, facts(raw), 'm')).toBe(raw);
    const streamed = Buffer.from(`{"model":"m","stream":true,"stream_options":{"include_usage":true},${messages}}`);
    expect(upstreamBody(streamed, facts(streamed), 'm')).toBe(streamed);
  });

  it('puts a missing model in front, and leaves the rest untouched', () => {
    const text = ` {"seed":12345678901234567890,${messages}}`;
    expect(upstream(text, 'a"b')).toBe(` {"model":"a\\"b","seed":12345678901234567890,${messages}}`);
  });

  it('asks every stream for its usage', () => {
    const text = `{"model":"m","stream":true,"seed":1.0,${messages}}`;
    expect(upstream(text, 'm')).toBe(`{"stream_options":{"include_usage":true},${text.slice(1)}`);
  });

  it.each(['{"include_usage":false}', '{"include_usage":null}', '{"include_obfuscation":false}', 'null', '{}'])(
    'asks for it also where the client’s stream options are %s, and keeps the other options',
    (options) => {
      const body = JSON.parse(upstream(`{"model":"m","stream":true,"stream_options":${options},${messages}}`, 'm'));
      expect(body.stream_options).toEqual({ ...JSON.parse(options), include_usage: true });
    },
  );

  it('does not ask for the usage of an answer that is no stream', () => {
    const text = `{"model":"m","stream":false,${messages}}`;
    expect(upstream(text, 'm')).toBe(text);
  });

  it('means the same as the client’s body but for model and usage, whatever that holds', () => {
    const anyBody = fc.record(
      {
        model: fc.string({ unit: 'binary', maxLength: 20 }),
        messages: fc.array(fc.record({ role: fc.constant('user'), content: fc.string({ unit: 'binary' }) }), {
          minLength: 1,
          maxLength: 3,
        }),
        stream: fc.option(fc.boolean()),
        stream_options: fc.option(fc.record({ include_usage: fc.option(fc.boolean()) }, { requiredKeys: [] })),
        extra: fc.jsonValue(),
      },
      { requiredKeys: ['messages'] },
    );
    fc.assert(
      fc.property(anyBody, fc.string({ maxLength: 10 }), fc.constantFrom(undefined, 2), (body, model, indent) => {
        // JSON.stringify writes -0 as 0.
        const sent = JSON.parse(JSON.stringify(body)) as Record<string, unknown>;
        const got = JSON.parse(upstream(JSON.stringify(sent, null, indent), model)) as Record<string, unknown>;
        const options = sent['stream_options'] as object | null | undefined;
        const expected =
          sent['stream'] === true ? { ...sent, stream_options: { ...options, include_usage: true } } : sent;
        expect(got).toEqual({ ...expected, model });
      }),
    );
  });
});
