import {
  descriptorSetBase64,
  InferenceServiceService,
  KeyServiceClient,
  type InferenceServiceServer,
} from '@costlane/contracts';
import {
  bootstrapService,
  startGrpcServer,
  type HealthRegistry,
  type Logger,
  type Metrics,
  tellFallbacks,
  type Shutdown,
} from '@costlane/platform';
import { credentials } from '@grpc/grpc-js';
import type { FastifyInstance } from 'fastify';
import { createAdminServices } from './admin/admin-clients';
import { AppModule } from './app.module';
import { createAuthenticator, type Authenticator } from './auth/authenticator';
import { createKeyFinder } from './auth/key-finder';
import { keySecret } from './auth/key-secret';
import type { GatewayConfig } from './config';
import { createAdmission } from './doors/admission';
import { createAsk } from './doors/ask';
import { openBatches } from './doors/batches-door-open';
import { createErrorHandler, type MethodsOf } from './doors/error-shape';
import { createGrpcDoor } from './doors/grpc-door';
import { createSharedLimiter } from './doors/rate-limit';
import { methodsOf, registerDoors } from './doors/register-doors';
import { defaultControls } from './doors/request-controls';
import { createServiceProbe } from './doors/service-probes';
import { openSocketDoor } from './doors/socket-door';
import { createSystemHealth } from './doors/system-health';
import { openDeferral } from './jobs/open-deferral';
import { openJobs } from './jobs/open-jobs';
import { openLedger } from './jobs/open-ledger';
import { noItems, startItems } from './items/start-items';
import { registerQueueDepth } from './observe/queue-depth';
import { createRuntime } from './runtime';

export interface GatewayDeps {
  config: GatewayConfig;
  logger: Logger;
  metrics: Metrics;
  health: HealthRegistry;
  shutdown: Shutdown;
  swaggerDirectory: string;
}

const name = 'gateway';
/** Requests that are under way when the gateway stops get so long to be answered; below the shutdown's own hard limit. */
const DRAIN_TIMEOUT_MS = 20_000;
const SWEEP_INTERVAL_MS = 50;

/** Puts the doors before the road of a request and opens them; everything stops through `shutdown`. */
export async function startGateway(deps: GatewayDeps): Promise<void> {
  const { config, logger, metrics, health, shutdown } = deps;
  const keys = new KeyServiceClient(config.COST_ATTRIBUTION_GRPC_ADDRESS, credentials.createInsecure());
  const secret = keySecret(config.COSTLANE_KEY_SECRET, config.COSTLANE_DATA_DIR);
  const authenticator = authenticatorOf(deps, keys, secret);
  let items = noItems;
  const runtime = createRuntime({
    config,
    logger,
    metrics,
    health,
    shutdown,
    onKeyRevoked: (keyHash) => authenticator.forget(keyHash),
    onSignalGap: () => authenticator.forgetAll(),
    onCancelled: (id) => items.cancelled(id),
  });
  const { inference, observer } = runtime;
  registerQueueDepth(metrics, runtime.redis, runtime.breaker);
  const fallbacks = tellFallbacks({ service: 'gateway', metrics, redis: runtime.redis });
  shutdown.onClose('fallbacks', () => fallbacks.stop());
  // Load balancers still send during the grace, and are still served.
  let isDraining = false;
  shutdown.onDrain('doors', () => void (isDraining = true));
  const isShuttingDown = (): boolean => isDraining;
  const limiter = createSharedLimiter(runtime.redis, runtime.breaker, metrics);
  const admission = createAdmission(authenticator, limiter, isShuttingDown);
  const defaults = defaultControls({
    isCacheEnabled: config.CACHE_ENABLED,
    isSemanticEnabled: config.CACHE_SEMANTIC_ENABLED,
    cacheTtlSeconds: config.CACHE_TTL_SECONDS,
    requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
  });
  const isKeyRequired = config.AUTH_MODE === 'required';
  const { planner } = runtime;
  const ask = createAsk({ inference, observer, defaults, isKeyRequired, planner, normalize: config.CACHE_NORMALIZE });
  const { adminServices, probes } = otherServices(deps, keys);
  const ledger = openLedger(config, logger, shutdown);
  const jobs = openJobs({ config, ledger, logger, metrics, shutdown });
  let methods: MethodsOf = () => [];
  const errorHandler = createErrorHandler(logger, (path) => methods(path));
  await bootstrapService({
    name,
    module: AppModule,
    config: { httpHost: config.API_HOST, httpPort: config.API_PORT ?? config.GATEWAY_HTTP_PORT },
    logger,
    metrics,
    health,
    shutdown,
    bodyLimitBytes: config.BODY_LIMIT_BYTES,
    errorHandler,
    // While draining, doors refuse in their own words, with a hint when to come back.
    fastifyOptions: { return503OnClosing: false, frameworkErrors: errorHandler },
    beforeListen(_app, fastify) {
      methods = methodsOf(fastify);
      registerDoors(fastify, {
        config,
        inference,
        ask,
        planner,
        admission,
        authenticator,
        observer,
        defaults,
        policy: () => runtime.policy.current(),
        systemHealth: createSystemHealth({ health, probes, semantic: () => adminServices.semantic() }),
        adminServices,
        jobs,
        openAiBatches: openBatches({ config, ledger, jobs, defaults, logger, metrics, shutdown }),
        deferral: openDeferral(config, { jobs, metrics, shutdown }),
        keySecret: secret,
        swaggerDirectory: deps.swaggerDirectory,
        memory: runtime.memory,
      });
      const door = { ask, admission, observer, isShuttingDown, maxFrameBytes: config.BODY_LIMIT_BYTES };
      const sockets = openSocketDoor(fastify.server, door);
      shutdown.onDrain('sockets', () => sockets.drain(DRAIN_TIMEOUT_MS));
      shutdown.onDrain('connections', () => endConnections(fastify));
    },
  });
  items = await startItems({ ...deps, ...runtime, defaults });
  await openGrpc(deps, createGrpcDoor({ ask, admission, observer, jobs, defaults, isKeyRequired }));
}

async function openGrpc(
  { config, logger, health, shutdown }: GatewayDeps,
  door: InferenceServiceServer,
): Promise<void> {
  const grpc = await startGrpcServer({
    host: config.API_HOST,
    port: config.GATEWAY_GRPC_PORT,
    logger,
    health,
    services: [{ definition: InferenceServiceService, implementation: door }],
    reflectionDescriptorSet: Buffer.from(descriptorSetBase64, 'base64'),
  });
  shutdown.onDrain('grpc', () => grpc.close({ graceMs: DRAIN_TIMEOUT_MS }));
}

/** What the rarer doors ask elsewhere. */
function otherServices({ config, shutdown }: GatewayDeps, keys: KeyServiceClient) {
  const adminServices = createAdminServices({
    keys,
    cacheAddress: config.CACHE_GRPC_ADDRESS,
    ledgerAddress: config.COST_ATTRIBUTION_GRPC_ADDRESS,
    routerAddress: config.ROUTER_GRPC_ADDRESS,
  });
  const probes = {
    cache: createServiceProbe(config.CACHE_GRPC_ADDRESS),
    batcher: createServiceProbe(config.BATCHER_GRPC_ADDRESS),
    cost_attribution: createServiceProbe(config.COST_ATTRIBUTION_GRPC_ADDRESS),
  };
  shutdown.onClose('services', () => {
    keys.close();
    adminServices.close();
    for (const probe of Object.values(probes)) probe.close();
  });
  return { adminServices, probes };
}

function authenticatorOf({ config, metrics }: GatewayDeps, keys: KeyServiceClient, secret: string): Authenticator {
  return createAuthenticator({
    mode: config.AUTH_MODE,
    keySecret: secret,
    adminKey: config.COSTLANE_ADMIN_KEY,
    isAdminOpenOnLoopback: config.ADMIN_OPEN_ON_LOOPBACK,
    defaultTenantId: config.DEFAULT_TENANT_ID,
    defaultRateLimitPerMinute: config.RATE_LIMIT_PER_MINUTE,
    findKey: createKeyFinder(keys),
    onStale: () => metrics.fallback('api_key_stale'),
  });
}

/**
 * Closes connections as soon as they have nothing to answer: a kept-alive one would hold the server open until its client lets go.
 * Answers that are not complete after the drain time are cut off.
 */
function endConnections({ server }: FastifyInstance): Promise<void> {
  return new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_INTERVAL_MS);
    const limit = setTimeout(() => server.closeAllConnections(), DRAIN_TIMEOUT_MS);
    server.once('close', () => {
      clearInterval(sweep);
      clearTimeout(limit);
      resolve();
    });
  });
}
