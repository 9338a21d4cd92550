import type { FastifyInstance, RouteOptions } from 'fastify';
import { testGateway } from '../testing/test-gateway';
import { openApiDocument } from './openapi-document';

/** Files of the documentation page itself. */
const isPartOfAPage = (url: string): boolean => url.startsWith('/docs/');
/** Registered by the platform on every service. */
const operational = ['GET /health/live', 'GET /health/ready', 'GET /metrics'];

async function registeredRoutes(): Promise<string[]> {
  const routes: string[] = [];
  const beforeDoors = (fastify: FastifyInstance): void => {
    fastify.addHook('onRoute', ({ method, url }: RouteOptions) => {
      for (const one of [method].flat())
        if (one !== 'HEAD' && !isPartOfAPage(url)) routes.push(`${one} ${inOpenApi(url)}`);
    });
  };
  // Some doors have a scope of their own, which is opened last.
  await testGateway({ beforeDoors }).fastify.ready();
  return [...routes, ...operational];
}

const inOpenApi = (url: string): string => url.replace('/v1/models/*', '/v1/models/{model}').replace(/:(\w+)/g, '{$1}');

function describedRoutes(): string[] {
  const paths = openApiDocument['paths'] as Record<string, Record<string, unknown>>;
  return Object.entries(paths).flatMap(([url, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${url}`),
  );
}

describe('the OpenAPI document', () => {
  it('describes every route that is there, and none that is not', async () => {
    expect(describedRoutes().sort()).toEqual((await registeredRoutes()).sort());
  });

  it('refers only to schemas that it has', () => {
    const { schemas } = openApiDocument['components'] as { schemas: Record<string, unknown> };
    const named = [...JSON.stringify(openApiDocument).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(named.length).toBeGreaterThan(10);
    expect(Object.keys(schemas)).toEqual(expect.arrayContaining(named));
  });

  it('gives each operation an id of its own', () => {
    const ids = [...JSON.stringify(openApiDocument).matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(describedRoutes().length);
  });

  it('is served as it is', async () => {
    const { fastify } = testGateway();
    expect((await fastify.inject('/openapi.json')).json()).toEqual(JSON.parse(JSON.stringify(openApiDocument)));
  });
});
