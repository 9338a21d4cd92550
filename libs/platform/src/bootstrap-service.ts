import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import { ErrorFilter, createEnvelopeErrorHandler } from './error-filter';
import type { HttpErrorHandler } from './error-filter';
import type { HealthRegistry } from './health';
import type { Logger } from './logger';
import type { Metrics } from './metrics';
import { createNestLogger } from './nest-logger';
import { registerOperationalRoutes } from './operational-routes';
import { restoreFastStrings } from './fast-strings';
import { newRequestId } from './request-id';
import type { Shutdown } from './shutdown';

/** What `NestFactory.create` takes for a root module. */
export type RootModule = Parameters<typeof NestFactory.create>[0];

export interface ServiceOptions {
  name: string;
  module: RootModule;
  config: { httpHost: string; httpPort: number };
  logger: Logger;
  metrics: Metrics;
  health: HealthRegistry;
  shutdown: Shutdown;
  /** Default 1 MiB. */
  bodyLimitBytes?: number;
  /** Takes the place of the envelope answer, for instance to answer in a dialect. */
  errorHandler?: HttpErrorHandler;
  /** Fastify's own options, where a service needs others. */
  fastifyOptions?: FastifyServerOptions;
  /** Raw Fastify routes and plugins are registered here. */
  beforeListen?(app: NestFastifyApplication, fastify: FastifyInstance): Promise<void> | void;
}

const DEFAULT_BODY_LIMIT_BYTES = 1024 * 1024;

/**
 * Starts a Nest application on Fastify with health, readiness and metrics routes, and ties it to the shutdown: draining stops
 * accepting and waits for open requests, closing runs Nest's own hooks. Rejects when the port is taken or a provider fails.
 */
export async function bootstrapService(options: ServiceOptions): Promise<NestFastifyApplication> {
  const { name, logger, health, metrics, shutdown, config } = options;
  // All that loads at the start is loaded by now, the Redis client among it.
  restoreFastStrings();
  const adapter = new FastifyAdapter({
    logger: false,
    bodyLimit: options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
    genReqId: newRequestId,
    // Nest middleware is not used; the plugin that would carry it costs each request.
    skipMiddie: true,
    ...options.fastifyOptions,
  });
  const app = await NestFactory.create<NestFastifyApplication>(options.module, adapter, {
    logger: createNestLogger(logger),
    abortOnError: false,
    bodyParser: false,
  });
  app.useGlobalFilters(new ErrorFilter(options.errorHandler ?? createEnvelopeErrorHandler(logger)));
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  registerOperationalRoutes(fastify, health, metrics);
  await options.beforeListen?.(app, fastify);
  await app.listen(config.httpPort, config.httpHost);
  shutdown.onDrain('http', () => fastify.close());
  shutdown.onClose('nest', () => app.close());
  shutdown.listen();
  logger.info({ service: name, port: httpPortOf(app) }, 'listening');
  return app;
}

/** The port that was really bound: differs from the one asked for when that was 0. */
export function httpPortOf(app: NestFastifyApplication): number {
  return (app.getHttpServer().address() as AddressInfo).port;
}
