import { createPolicy, type RoutingPolicy } from '@costlane/domain';
import { createLogger } from '@costlane/platform';
import Fastify, { type FastifyInstance } from 'fastify';
import type { AdminServices } from '../admin/admin-clients';
import { createAuthenticator, type Authenticator, type AuthenticatorOptions } from '../auth/authenticator';
import { configSchema } from '../config';
import { createRoutePlanner } from '../core/routing/route-planner';
import { createAdmission, noLimit, type RateLimiter } from '../doors/admission';
import { createAsk } from '../doors/ask';
import type { Deferral } from '../doors/defer-call';
import type { OpenAiBatches } from '../doors/batches-door-open';
import { createErrorHandler } from '../doors/error-shape';
import { methodsOf, registerDoors } from '../doors/register-doors';
import { defaultControls } from '../doors/request-controls';
import type { JobService } from '../jobs/job-service';
import { noJobs } from '../jobs/open-jobs';
import { decision, recordingObserver, scriptedInference, type Asked } from './scripted-inference';

export const silent = createLogger({ service: 'spec', level: 'silent' });
export const KEY_SECRET = 'a-secret-for-specs';

export interface TestGatewayOptions {
  onAsk?: (asked: Asked) => void;
  authenticator?: Partial<AuthenticatorOptions>;
  adminServices?: Partial<AdminServices>;
  limiter?: RateLimiter;
  isShuttingDown?: () => boolean;
  /** Models are chosen by it; default: always the same one. */
  policy?: RoutingPolicy;
  deferral?: Deferral;
  jobs?: JobService;
  openAiBatches?: OpenAiBatches;
  beforeDoors?: (fastify: FastifyInstance) => void;
}

export const testAuthenticator = (options: Partial<AuthenticatorOptions> = {}): Authenticator =>
  createAuthenticator({
    mode: 'none',
    keySecret: KEY_SECRET,
    isAdminOpenOnLoopback: true,
    defaultTenantId: 'default',
    defaultRateLimitPerMinute: 0,
    findKey: () => Promise.resolve(undefined),
    onStale: () => undefined,
    ...options,
  });

const unasked = (): Promise<never> => Promise.reject(new Error('the spec did not expect this call'));

/** All HTTP doors on a Fastify of their own, with the road behind them played by the spec. */
export function testGateway(options: TestGatewayOptions = {}) {
  const fastify = Fastify({ bodyLimit: 4_096 });
  options.beforeDoors?.(fastify);
  const errorHandler = createErrorHandler(silent, methodsOf(fastify));
  fastify.setErrorHandler(errorHandler);
  fastify.setNotFoundHandler((request, reply) =>
    errorHandler(Object.assign(new Error('Not Found'), { statusCode: 404 }), request, reply),
  );
  const { inference, asked } = scriptedInference(options.onAsk, options.policy);
  const { observer, events } = recordingObserver();
  const config = configSchema.parse({ BODY_LIMIT_BYTES: '4096', COSTLANE_ADMIN_KEY: 'the-deployments-admin-key' });
  const mode = options.authenticator?.mode ?? 'none';
  const authenticator = testAuthenticator({ adminKey: config.COSTLANE_ADMIN_KEY, ...options.authenticator });
  const admission = createAdmission(authenticator, options.limiter ?? noLimit, options.isShuttingDown ?? (() => false));
  const defaults = defaultControls({
    isCacheEnabled: true,
    isSemanticEnabled: true,
    cacheTtlSeconds: 60,
    requestTimeoutMs: 5_000,
  });
  const policy =
    options.policy ?? createPolicy({ version: '1-test', defaultModel: decision.model.name, models: [decision.model] });
  const planner = createRoutePlanner({ policy: () => policy, predictGain: () => 0 });
  const isKeyRequired = mode === 'required';
  const ask = createAsk({ inference, observer, defaults, planner, isKeyRequired });
  const jobs = options.jobs ?? noJobs();
  registerDoors(fastify, {
    config,
    inference,
    ask,
    admission,
    authenticator,
    observer,
    defaults,
    planner,
    deferral: options.deferral,
    jobs,
    openAiBatches: options.openAiBatches,
    policy: () => policy,
    systemHealth: () => Promise.resolve({ status: 'healthy', services: { redis: { status: 'up' } } }),
    adminServices: {
      createKey: unasked,
      listKeys: unasked,
      revokeKey: unasked,
      invalidate: unasked,
      cacheStats: unasked,
      semantic: unasked,
      setFalseHitLimit: unasked,
      pairs: unasked,
      feedback: unasked,
      control: { merge: unasked, create: unasked, remove: unasked, get: unasked, list: unasked },
      experiments: { report: unasked, recordFeedback: unasked },
      books: { check: unasked, rollup: unasked, entries: unasked, correct: unasked, reconcile: unasked },
      budgets: { put: unasked, list: unasked, remove: unasked },
      anomalies: { list: unasked, judge: unasked, alerts: unasked, test: unasked },
      analytics: { report: unasked, export: unasked },
      catalog: { show: unasked, staged: unasked, approve: unasked, reject: unasked, refresh: unasked },
      prompts: { find: unasked, forget: unasked },
      ...options.adminServices,
    },
    keySecret: KEY_SECRET,
    swaggerDirectory: '/nowhere',
  });
  return { fastify, asked, events, ask, admission, observer, authenticator, jobs, defaults, isKeyRequired };
}
