import { doorsUnderTest } from './doors-under-test';

const doors = doorsUnderTest();
const url = doors?.url ?? '';

(doors ? describe : describe.skip)('pages and status', () => {
  it.each(['/chat', '/docs'])('%s is a page whose every part is served here', async (path) => {
    const page = await fetch(`${url}${path}`);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const links = [...(await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => String(link));
    for (const link of links.filter((one) => !one.startsWith('data:'))) {
      expect(link).toMatch(/^\//);
      const part = await fetch(`${url}${link}`);
      expect([link, part.status]).toEqual([link, 200]);
      expect((await part.arrayBuffer()).byteLength).toBeGreaterThan(50);
    }
  });

  it('names its doors at the root', async () => {
    const { data } = (await (await fetch(url)).json()) as { data: { doors: Record<string, string> } };
    expect(data.doors['inference']).toBe('POST /v1/inference');
  });

  it('/health names every service and its state', async () => {
    const response = await fetch(`${url}/health`);
    const health = (await response.json()) as { status: string; services: Record<string, { status: string }> };
    expect([response.status, health.status]).toEqual([200, 'healthy']);
    const own = ['router', 'cache', 'batcher', 'provider_worker', 'cost_attribution', 'vector_index', 'embeddings'];
    for (const name of ['redis', 'postgres', ...own])
      expect([name, health.services[name]?.status]).toEqual([name, 'up']);
  });

  it('/config has the groups that operators ask for, and no secret', async () => {
    const text = await (await fetch(`${url}/config`)).text();
    expect(JSON.parse(text)).toMatchObject({
      caching: { semantic_enabled: true },
      batching: {},
      routing: {},
      success: true,
    });
    if (doors?.adminKey) expect(text).not.toContain(doors.adminKey);
  });

  it('/models and /v1/models name the same models', async () => {
    const ours = (await (await fetch(`${url}/models`)).json()) as {
      data: { models: { name: string; enabled: boolean }[] };
    };
    const openAi = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] };
    const names = ours.data.models.filter(({ enabled }) => enabled).map(({ name }) => name);
    // `auto` is no model: it leaves the choice among them.
    expect(['auto', ...names].sort()).toEqual(openAi.data.map(({ id }) => id).sort());
  });
});
