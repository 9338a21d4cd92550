import { eventsOf, findSecrets } from './smoke-client.mjs';
import { costAttributionUrlFrom } from './smoke-run.mjs';

describe('what the smoke test looks for', () => {
  test.each([
    [{ providers: { openai: { api_key: 'sk-abcdefgh12345678' } } }, ['providers.openai.api_key']],
    [{ note: 'uses sk-abcdefgh12345678' }, ['note']],
    [{ redis: { url: 'redis://user:hunter2@host:6379' } }, ['redis.url']],
    [{ admin: { password: 'correct horse 1' } }, ['admin.password']],
    [{ list: [{ token: 'abc123' }] }, ['list.0.token']],
  ])('a secret in %j is found', (config, expected) => {
    expect(findSecrets(config)).toEqual(expected);
  });

  test.each([
    [{ redis: { url: 'redis://user:***@host:6379' } }],
    [{ redis: { url: 'redis://host:6379' } }],
    [{ openai: { api_key: '***' }, anthropic: { api_key: 'set' }, max_token: 4096 }],
    [{ openai: { api_key_configured: true } }],
    [{ routing: { strategy: 'cost_optimal', weights: [0.7, 0.3] }, nothing: null }],
  ])('none is seen in %j', (config) => {
    expect(findSecrets(config)).toEqual([]);
  });

  test('the events of a stream are its data lines, whatever the line ends', () => {
    expect(eventsOf('data: {"a":1}\n\n: comment\n\ndata:[DONE]\n\n')).toEqual(['{"a":1}', '[DONE]']);
    expect(eventsOf('event: x\r\ndata: 1\r\n\r\n')).toEqual(['1']);
  });

  test("the ledger's service is five ports above the gateway", () => {
    expect(costAttributionUrlFrom('http://127.0.0.1:8000')).toBe('http://127.0.0.1:8005');
    expect(costAttributionUrlFrom('https://costlane.example')).toBe('https://costlane.example:448');
  });
});
