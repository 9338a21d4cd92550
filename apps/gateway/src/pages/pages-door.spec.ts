import { createHash } from 'node:crypto';
import { testGateway } from '../testing/test-gateway';
import { policyOf } from './pages-door';

describe('pages', () => {
  it.each(['/chat', '/dashboard', '/docs'])(
    '%s loads nothing from anywhere else and may not be framed',
    async (url) => {
      const { body, headers } = await testGateway().fastify.inject(url);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect([...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link)).toEqual(
        expect.not.arrayContaining([expect.stringMatching(/^(https?:)?\/\//)]),
      );
    },
  );

  it('are allowed exactly the script and the style that stand in them', () => {
    const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const policy = policyOf('<style>a{}</style><script>b()</script>');
    expect(policy).toContain(`script-src ${hash('b()')};`);
    expect(policy).toContain(`style-src ${hash('a{}')};`);
    expect(policy).not.toContain('unsafe');
  });

  it('give no file but those of the documentation', async () => {
    const { fastify } = testGateway();
    for (const file of ['..%2f..%2fmain.mjs', 'main.mjs', 'constructor', '__proto__']) {
      const { statusCode } = await fastify.inject(`/docs/${file}`);
      expect(statusCode).toBe(404);
    }
  });
});
