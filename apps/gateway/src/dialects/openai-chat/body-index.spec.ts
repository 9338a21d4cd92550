import { createBodyIndex } from './body-index';

const body = (rest: object = {}): Buffer =>
  Buffer.from(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...rest }));

describe('createBodyIndex', () => {
  it('parses the same bytes of a tenant once', () => {
    const index = createBodyIndex();
    const first = index('acme', body());
    expect(index('acme', body())).toBe(first);
  });

  it('keeps tenants apart, in what it remembers and in the fingerprint', () => {
    const index = createBodyIndex();
    const own = index('acme', body());
    const other = index('other', body());
    expect(own).not.toBe(other);
    expect(own.bodyHash).toBe(other.bodyHash);
    expect(own.fingerprintFor('m')).not.toBe(other.fingerprintFor('m'));
  });

  it('gives each model its own fingerprint of one body, the same each time it is asked', () => {
    const indexed = createBodyIndex()('acme', body());
    const [m, n] = [indexed.fingerprintFor('m'), indexed.fingerprintFor('n')];
    expect(m).not.toBe(n);
    expect([indexed.fingerprintFor('m'), indexed.fingerprintFor('n')]).toEqual([m, n]);
    expect(m).toMatch(/^[0-9a-f]{64}$/);
  });

  it('gives one fingerprint to bodies that ask the same of the same model, whatever they call it', () => {
    const index = createBodyIndex();
    const fingerprints = [
      body(),
      body({ model: 'alias' }),
      body({ stream: true, stream_options: { include_usage: true }, user: 'u', metadata: { a: 'b' } }),
      Buffer.from('{\n "messages": [ {"content":"hi", "role":"user"} ], "model": "m" }'),
    ].map((raw) => index('acme', raw).fingerprintFor('m'));
    expect(new Set(fingerprints).size).toBe(1);
  });

  it.each([
    { temperature: 0.5 },
    { max_tokens: 5 },
    { tools: [{ type: 'function' }] },
    { messages: [{ role: 'system', content: 'hi' }] },
    { response_format: { type: 'json_object' } },
    { something_new: 1 },
  ])('gives another fingerprint to a body that differs in %j', (difference) => {
    const index = createBodyIndex();
    expect(index('acme', body(difference)).fingerprintFor('m')).not.toBe(index('acme', body()).fingerprintFor('m'));
  });

  it('tells what matters for the road of the request', () => {
    const index = createBodyIndex();
    expect(index('acme', body())).toMatchObject({
      model: 'm',
      stream: false,
      hasStreamOptions: false,
      includeUsage: false,
    });
    expect(index('acme', body({ stream: true, stream_options: { include_usage: true } }))).toMatchObject({
      stream: true,
      hasStreamOptions: true,
      includeUsage: true,
    });
    expect(index('acme', body({ stream: null, model: undefined }))).toMatchObject({ stream: false, model: undefined });
  });

  it('remembers neither a refused body nor one that is large', () => {
    const index = createBodyIndex();
    const refused = Buffer.from('{"messages":[]}');
    for (let i = 0; i < 2; i++) expect(() => index('acme', refused)).toThrow();
    const large = body({ messages: [{ role: 'user', content: 'x'.repeat(70_000) }] });
    expect(index('acme', large)).not.toBe(index('acme', large));
  });
});
