import { Server, ServerCredentials, setLogger } from '@grpc/grpc-js';
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { HealthService } from '@costlane/contracts';
import { GrpcHealth } from './grpc-health';
import { createReflection } from './grpc-reflection';
import type { HealthRegistry } from './health';
import type { Logger } from './logger';
import { isMuxHandler } from './mux-handler';

export interface GrpcServiceBinding {
  definition: ServiceDefinition;
  implementation: UntypedServiceImplementation;
}

export interface GrpcServerOptions {
  host: string;
  /** 0 takes a free one; the result says which. */
  port: number;
  logger: Logger;
  services: GrpcServiceBinding[];
  health: HealthRegistry;
  /** Services the health service knows; default: those of `services`. */
  healthNames?: string[];
  /** Serialised FileDescriptorSet; without it there is no reflection. */
  reflectionDescriptorSet?: Uint8Array;
}

export interface GrpcServer {
  readonly port: number;
  /** Lets open calls finish for up to `graceMs` (default 2,000), then ends what is left. */
  close(options?: { graceMs?: number }): Promise<void>;
}

const serverOptions = {
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
  'grpc.max_send_message_length': 64 * 1024 * 1024,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
};

/** Starts a gRPC server with health and, given descriptors, reflection. Rejects when the port cannot be bound. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { host, logger, services, reflectionDescriptorSet } = options;
  setLogger(grpcLogger(logger));
  const server = new Server(serverOptions);
  for (const { definition, implementation } of services) server.addService(definition, implementation);
  const names = services.flatMap(({ definition }) => serviceNames(definition));
  const health = new GrpcHealth(options.health, options.healthNames ?? names);
  server.addService(HealthService, health.implementation);
  if (reflectionDescriptorSet) {
    const listed = [...names, ...serviceNames(HealthService), 'grpc.reflection.v1.ServerReflection'];
    for (const { definition, implementation } of createReflection(reflectionDescriptorSet, listed)) {
      server.addService(definition, implementation);
    }
  }
  const port = await bind(server, `${host}:${options.port}`);
  logger.info({ port, services: names }, 'gRPC listening');
  return {
    port,
    close: async ({ graceMs = 2_000 } = {}) => {
      health.close();
      await Promise.all(muxHandlers(services).map((handler) => handler.drain(graceMs)));
      await shutDown(server, graceMs);
    },
  };
}

/** gRPC's own lines (errors only, unless GRPC_VERBOSITY asks for more) would otherwise break the JSON log. */
function grpcLogger(logger: Logger): Partial<Console> {
  const text = (parts: unknown[]) => parts.map(String).join(' ').trim();
  return {
    error: (...parts: unknown[]) => logger.warn({ grpc: text(parts) }, 'gRPC library'),
    info: (...parts: unknown[]) => logger.info({ grpc: text(parts) }, 'gRPC library'),
    debug: (...parts: unknown[]) => logger.debug({ grpc: text(parts) }, 'gRPC library'),
  };
}

function serviceNames(definition: ServiceDefinition): string[] {
  const names = Object.values(definition).map((method) => method.path.split('/')[1] ?? '');
  return [...new Set(names)];
}

const muxHandlers = (services: readonly GrpcServiceBinding[]) =>
  services.flatMap(({ implementation }) => Object.values(implementation).filter(isMuxHandler));

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

function shutDown(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), graceMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
