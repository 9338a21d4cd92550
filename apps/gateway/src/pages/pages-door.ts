import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CostlaneError } from '@costlane/domain';
import type { FastifyInstance } from 'fastify';
import { openApiDocument } from '../openapi/openapi-document';
import chatPage from './chat.html';
import spendPanel from './dashboard-spend.html';
import dashboardPage from './dashboard.html';
import docsPage from './docs.html';

export interface PagesDoorDeps {
  /** Folder of swagger-ui's files, which the build puts beside the bundle. */
  swaggerDirectory: string;
}

const COMMON_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
};
const SWAGGER_FILES: Record<string, string> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};
const DOCS_SCRIPT = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });\n`;
/** swagger-ui sets styles of its own and shows images that stand in its style sheet. */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/** `GET /chat`, `/dashboard`, `/docs`, `/openapi.json`: nothing in them comes from anywhere else, and the policy they are sent with says so. */
export function registerPagesDoor(fastify: FastifyInstance, { swaggerDirectory }: PagesDoorDeps): void {
  const openApi = JSON.stringify(openApiDocument);
  for (const [url, page] of [
    ['/chat', chatPage],
    ['/dashboard', dashboardPage.replace('<!-- spend -->', () => spendPanel)],
  ] as const) {
    const policy = policyOf(page);
    fastify.get(url, (_request, reply) =>
      reply
        .headers({ ...COMMON_HEADERS, 'content-security-policy': policy })
        .type('text/html; charset=utf-8')
        .send(page),
    );
  }
  fastify.get('/openapi.json', (_request, reply) => reply.type('application/json').send(openApi));
  fastify.get('/docs', (_request, reply) =>
    reply
      .headers({ ...COMMON_HEADERS, 'content-security-policy': DOCS_POLICY })
      .type('text/html; charset=utf-8')
      .send(docsPage),
  );
  fastify.get('/docs/init.js', (_request, reply) =>
    reply.headers(COMMON_HEADERS).type('text/javascript; charset=utf-8').send(DOCS_SCRIPT),
  );
  fastify.get<{ Params: { file: string } }>('/docs/:file', async (request, reply) => {
    const { file } = request.params;
    const type = Object.hasOwn(SWAGGER_FILES, file) ? SWAGGER_FILES[file] : undefined;
    if (type === undefined) throw new CostlaneError('not_found', 'There is no such file in the documentation.');
    const bytes = await readFile(path.join(swaggerDirectory, file));
    return reply
      .headers({ ...COMMON_HEADERS, 'cache-control': 'public, max-age=3600' })
      .type(type)
      .send(bytes);
  });
}

/** Allows exactly the style and the script that stand in the page, and calls to this gateway. */
export function policyOf(page: string): string {
  const hashes = (tag: string): string =>
    [...page.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))]
      .map(([, content = '']) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`)
      .join(' ');
  const rules = [
    `script-src ${hashes('script')}`,
    `style-src ${hashes('style')}`,
    "connect-src 'self'",
    'img-src data:',
  ];
  return ["default-src 'none'", ...rules, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"].join('; ');
}
