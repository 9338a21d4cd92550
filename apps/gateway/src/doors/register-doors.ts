import { CostlaneError, type RoutingPolicy } from '@costlane/domain';
import type { MemoryTier } from '@costlane/response-store';
import type { FastifyInstance } from 'fastify';
import { registerAdminDoor } from '../admin/admin-door';
import type { AdminServices } from '../admin/admin-clients';
import type { Authenticator } from '../auth/authenticator';
import type { GatewayConfig } from '../config';
import type { Inference } from '../core/inference';
import type { RoutePlanner } from '../core/routing/route-planner';
import type { JobService } from '../jobs/job-service';
import type { RequestObserver } from '../observe/request-observer';
import { registerPagesDoor } from '../pages/pages-door';
import type { Admission } from './admission';
import { registerAnalyticsDoor } from './analytics-door';
import { registerAnalyticsReportsDoor } from './analytics-reports-door';
import type { Ask } from './ask';
import type { Deferral } from './defer-call';
import { registerOpenAiBatchDoors, type OpenAiBatches } from './batches-door-open';
import { registerComplexityDoor } from './complexity-door';
import { effectiveSettings } from './effective-settings';
import { registerFeedbackDoor } from './feedback-door';
import { registerHomeDoor } from './home-door';
import { registerJobDoors } from './register-job-doors';
import { registerModelDoors } from './register-model-doors';
import { registerModelsDoor } from './models-door';
import type { RequestControls } from './request-controls';
import { registerStatusDoor } from './status-door';
import { SOCKET_ENDPOINT } from './socket-session';
import type { SystemHealth } from './system-health';

export interface DoorDeps {
  config: GatewayConfig;
  inference: Inference;
  ask: Ask;
  planner: RoutePlanner;
  admission: Admission;
  authenticator: Authenticator;
  observer: RequestObserver;
  defaults: RequestControls;
  policy: () => RoutingPolicy | undefined;
  systemHealth: () => Promise<SystemHealth>;
  adminServices: AdminServices;
  jobs: JobService;
  /** Absent: there is no database to keep files in. */
  openAiBatches?: OpenAiBatches;
  keySecret: string;
  swaggerDirectory: string;
  /** Calls that may wait; absent: every call is made while its caller waits. */
  deferral?: Deferral;
  /** What this gateway keeps, for administrators. */
  memory?: Pick<MemoryTier, 'entries' | 'sizeBytes'>;
}

/** All HTTP doors; errors come in each door's own words. */
export function registerDoors(fastify: FastifyInstance, deps: DoorDeps): void {
  const { config, admission, observer, policy } = deps;
  const isKeyRequired = config.AUTH_MODE === 'required';
  // The hot doors write their answers, this header included, past these hooks.
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  registerModelDoors(fastify, {
    inference: deps.inference,
    ask: deps.ask,
    planner: deps.planner,
    admission,
    observer,
    defaults: deps.defaults,
    bodyLimitBytes: config.BODY_LIMIT_BYTES,
    normalize: config.CACHE_NORMALIZE,
    isKeyRequired,
    deferral: deps.deferral,
  });
  registerJobDoors(fastify, { ...deps, isKeyRequired });
  registerOpenAiBatchDoors(fastify, deps);
  fastify.get(SOCKET_ENDPOINT, () => {
    throw new CostlaneError('invalid_request', 'This is a WebSocket: connect to it with the ws: or wss: scheme.');
  });
  registerFeedbackDoor(fastify, { admission, feedback: (request) => deps.adminServices.feedback(request) });
  registerComplexityDoor(fastify, { admission, planner: deps.planner, policy });
  registerModelsDoor(fastify, { policy, admission });
  registerStatusDoor(fastify, {
    systemHealth: deps.systemHealth,
    settings: () => effectiveSettings(config, policy()),
    observer,
    admission,
  });
  registerPagesDoor(fastify, { swaggerDirectory: deps.swaggerDirectory });
  registerHomeDoor(fastify, config.GATEWAY_GRPC_PORT);
  registerAdminDoor(fastify, {
    authenticator: deps.authenticator,
    services: deps.adminServices,
    keySecret: deps.keySecret,
    policy,
    memory: deps.memory,
  });
  registerAnalyticsDoor(fastify, { authenticator: deps.authenticator, services: deps.adminServices });
  registerAnalyticsReportsDoor(fastify, { authenticator: deps.authenticator, services: deps.adminServices });
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'] as const;

/** The methods that a path is served under, for the answer to one that it is not. */
export const methodsOf =
  (fastify: FastifyInstance) =>
  (path: string): string[] =>
    METHODS.filter((method) => fastify.hasRoute({ method, url: path }));
