import { withCacheSalt, withPromptCacheKey } from './add-to-body';

const parse = (body: Buffer) => JSON.parse(body.toString()) as Record<string, unknown>;

describe('withPromptCacheKey', () => {
  it('adds the key and leaves every other byte as it is', () => {
    const body = Buffer.from(' {"model": "m",\n "n": 1.0, "messages": []}');
    const added = withPromptCacheKey(body, () => 'k1').toString();
    expect(added).toBe(' {"prompt_cache_key":"k1","model": "m",\n "n": 1.0, "messages": []}');
  });

  it('leaves a caller’s own key alone, and makes none', () => {
    const body = Buffer.from('{"messages":[],"prompt_cache_key":"mine"}');
    const key = jest.fn();
    expect(withPromptCacheKey(body, key)).toBe(body);
    expect(key).not.toHaveBeenCalled();
  });

  it('is not misled by a message that speaks of the field', () => {
    const body = Buffer.from(JSON.stringify({ messages: [{ content: 'what is "prompt_cache_key"?' }] }));
    expect(parse(withPromptCacheKey(body, () => 'k1'))).toMatchObject({ prompt_cache_key: 'k1' });
  });
});

describe('withCacheSalt', () => {
  const saltOf = (own: string | undefined) => `tenant+${own ?? ''}`;

  it('adds the tenant’s salt at the end', () => {
    expect(withCacheSalt(Buffer.from('{"messages":[{"a":{}}]} \n'), saltOf).toString()).toBe(
      '{"messages":[{"a":{}}],"cache_salt":"tenant+"}',
    );
  });

  it.each(['{"cache_salt":"x","messages":[]}', '{"messages":[],"cache_salt":"x"}'])(
    'wins over the request’s own salt, which goes into it: %s',
    (body) => expect(parse(withCacheSalt(Buffer.from(body), saltOf))['cache_salt']).toBe('tenant+x'),
  );

  it('wins over a name that is spelt with escapes', () => {
    const body = Buffer.from('{"messages":[],"cache\\u005fsalt":"another tenant’s"}');
    expect(parse(withCacheSalt(body, saltOf))['cache_salt']).toBe('tenant+');
  });
});
