import { startModelServer, json, silence, stall, text, type ModelServer } from '../testing/model-server';
import { isAllowedListUrl } from './catalog-settings';
import { fetchPriceList } from './fetch-price-list';

const servers: ModelServer[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

type Answer = Parameters<typeof startModelServer>[0];

async function fetched(answer: Answer, limits: { timeoutMs?: number; maxBytes?: number } = {}): Promise<string> {
  const server = await startModelServer(answer);
  servers.push(server);
  return fetchPriceList({ url: `${server.baseUrl}/list.json`, timeoutMs: 2_000, maxBytes: 1_000, ...limits });
}

const redirect =
  (location: string, times = 1): Answer =>
  (request, response) => {
    const hops = Number(new URL(request.url ?? '/', 'http://a').searchParams.get('hop') ?? 0);
    if (hops < times) response.writeHead(302, { location: `${location}?hop=${hops + 1}` }).end();
    else response.end('{"a":1}');
  };

describe('fetchPriceList', () => {
  it('gets the text', async () => expect(await fetched(json({ a: 1 }))).toBe('{"a":1}'));

  it('follows the same host, and no further than three times', async () => {
    expect(await fetched(redirect('/elsewhere'))).toBe('{"a":1}');
    await expect(fetched(redirect('/elsewhere', 9))).rejects.toThrow('more than 3 times');
  });

  it.each(['http://169.254.169.254/latest', 'https://example.com/list.json', 'http://localhost:1/list.json'])(
    'does not follow to %s',
    async (location) => {
      await expect(fetched(redirect(location))).rejects.toThrow('it redirects to another host');
      expect(servers[0]?.requests).toHaveLength(1);
    },
  );

  it.each<[string, Answer, RegExp]>([
    ['an error', text('no', 500), /status 500/],
    ['nothing', silence, /timeout|aborted/i],
    ['the beginning of something', stall, /timeout|aborted/i],
    ['too much', text('x'.repeat(1_001)), /larger than 1000 bytes/],
  ])('gives up when the server answers with %s', async (_what, answer, reason) => {
    await expect(fetched(answer, { timeoutMs: 200 })).rejects.toThrow(reason);
  });

  it('does not ask where it must not', async () => {
    const options = { timeoutMs: 200, maxBytes: 10 };
    await expect(fetchPriceList({ url: 'http://example.com/', ...options })).rejects.toThrow('neither https nor');
  });
});

describe('isAllowedListUrl', () => {
  it.each([
    ['https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json', true],
    ['http://127.0.0.1:8080/list.json', true],
    ['http://[::1]/list.json', true],
    ['http://example.com/list.json', false],
    ['https://user:secret@example.com/list.json', false],
    ['file:///etc/passwd', false],
    ['list.json', false],
  ])('%s: %s', (url, isAllowed) => expect(isAllowedListUrl(url)).toBe(isAllowed));
});
