import { KeyServiceClient } from '@costlane/contracts';
import { credentials } from '@grpc/grpc-js';
import {
  bootstrapService,
  createLogger,
  createMetrics,
  HealthRegistry,
  loadConfig,
  Shutdown,
} from '@costlane/platform';
import { AppModule } from './app.module';
import { createAuthenticator } from './auth/authenticator';
import { createKeyFinder } from './auth/key-finder';
import { keySecret } from './auth/key-secret';
import { configSchema } from './config';
import { createAdmission, noLimit } from './doors/admission';
import { registerChatDoor } from './doors/chat-door';
import { defaultControls } from './doors/request-controls';
import { createRuntime } from './runtime';

const name = 'gateway';
const config = loadConfig(configSchema);
const logger = createLogger({ service: name, level: config.LOG_LEVEL });
const metrics = createMetrics({ service: name });
const health = new HealthRegistry();
const shutdown = new Shutdown({ logger, health });

async function main(): Promise<void> {
  const keys = new KeyServiceClient(config.COST_ATTRIBUTION_GRPC_ADDRESS, credentials.createInsecure());
  const authenticator = createAuthenticator({
    mode: config.AUTH_MODE,
    keySecret: keySecret(config.COSTLANE_KEY_SECRET, config.COSTLANE_DATA_DIR),
    adminKey: config.COSTLANE_ADMIN_KEY,
    isAdminOpenOnLoopback: config.ADMIN_OPEN_ON_LOOPBACK,
    defaultTenantId: config.DEFAULT_TENANT_ID,
    defaultRateLimitPerMinute: config.RATE_LIMIT_PER_MINUTE,
    findKey: createKeyFinder(keys),
    onStale: () => metrics.fallback('api_key_stale'),
  });
  const runtime = createRuntime({
    config,
    logger,
    metrics,
    health,
    shutdown,
    onKeyRevoked: (keyHash) => authenticator.forget(keyHash),
    onSignalGap: () => authenticator.forgetAll(),
  });
  const admission = createAdmission(authenticator, noLimit, () => false);
  await bootstrapService({
    name,
    module: AppModule,
    config: { httpHost: config.API_HOST, httpPort: config.API_PORT ?? config.GATEWAY_HTTP_PORT },
    logger,
    metrics,
    health,
    shutdown,
    bodyLimitBytes: config.BODY_LIMIT_BYTES,
    beforeListen(_app, fastify) {
      fastify.removeAllContentTypeParsers();
      fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
        done(null, body),
      );
      registerChatDoor(fastify, {
        inference: runtime.inference,
        admission,
        observer: runtime.observer,
        bodyLimitBytes: config.BODY_LIMIT_BYTES,
        defaults: defaultControls({
          isCacheEnabled: config.CACHE_ENABLED,
          cacheTtlSeconds: config.CACHE_TTL_SECONDS,
          requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
        }),
      });
    },
  });
  shutdown.onClose('key-service', () => keys.close());
}

main().catch((err: unknown) => {
  logger.fatal({ err }, 'the service could not start');
  process.exit(1);
});
