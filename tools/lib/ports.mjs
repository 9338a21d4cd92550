// Which port everything listens on. Without COSTLANE_PORT_BASE the well-known ports; with it the whole stack is shifted.
import { createServer } from 'node:net';

/** The services in the order that their ports follow. */
export const serviceNames = ['gateway', 'cache', 'router', 'batcher', 'provider-worker', 'cost-attribution'];

const defaultPorts = { http: 8000, grpc: 50_051, redis: 6390, postgres: 5442, mock: 8090 };
const highestPort = 65_535;

/** `provider-worker` → `PROVIDER_WORKER`, as the names of its environment variables start. */
export function envPrefix(service) {
  return service.toUpperCase().replaceAll('-', '_');
}

function parsePort(text, name) {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > highestPort) {
    throw new Error(`${name} must be a port between 1 and ${highestPort}, not "${text}".`);
  }
  return port;
}

function firstPorts(env) {
  if (!env.COSTLANE_PORT_BASE) return defaultPorts;
  const base = parsePort(env.COSTLANE_PORT_BASE, 'COSTLANE_PORT_BASE');
  if (base < 1024 || base > highestPort - 99) {
    throw new Error(`COSTLANE_PORT_BASE must lie between 1024 and ${highestPort - 99}, not ${base}.`);
  }
  return { http: base, grpc: base + 51, redis: base + 79, postgres: base + 32, mock: base + 90 };
}

/**
 * All ports of one stack: `{ http: {gateway, …}, grpc: {gateway, …}, redis, postgres, mock }`.
 * COSTLANE_PORT_BASE shifts all of them, `<SERVICE>_HTTP_PORT`, `<SERVICE>_GRPC_PORT` and API_PORT set single ones.
 */
export function portsFrom(env) {
  const first = firstPorts(env);
  const ports = { http: {}, grpc: {}, redis: first.redis, postgres: first.postgres, mock: first.mock };
  serviceNames.forEach((service, index) => {
    const httpName = service === 'gateway' && !env.GATEWAY_HTTP_PORT ? 'API_PORT' : `${envPrefix(service)}_HTTP_PORT`;
    const grpcName = `${envPrefix(service)}_GRPC_PORT`;
    ports.http[service] = env[httpName] ? parsePort(env[httpName], httpName) : first.http + index;
    ports.grpc[service] = env[grpcName] ? parsePort(env[grpcName], grpcName) : first.grpc + index;
  });
  return ports;
}

/** Whether one address and port can be bound right now. */
function canBind(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Whether nothing listens on the port, neither on loopback nor on all addresses. */
export async function isPortFree(port) {
  return (await canBind(port, '127.0.0.1')) && (await canBind(port, '0.0.0.0'));
}

/** Waits until the port can be bound; false when it is still busy after `timeoutMs`. */
export async function waitForFreePort(port, timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  while (!(await isPortFree(port))) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return true;
}

/** The sentence for a busy port, with the way round it. */
export function busyPortMessage(port, use) {
  const base = port >= 20_000 && port < 30_000 ? 31_000 : 20_000;
  return (
    `Port ${port} (${use}) is already in use. Stop what listens there, or shift every port of this stack: ` +
    `COSTLANE_PORT_BASE=${base} npm start`
  );
}

/** A base whose ports are all free, below the range that operating systems hand out to outgoing connections. */
export async function findFreeBase(random = Math.random) {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const base = 20_000 + Math.floor(random() * 110) * 100;
    const ports = portsFrom({ COSTLANE_PORT_BASE: String(base) });
    const all = [...Object.values(ports.http), ...Object.values(ports.grpc), ports.redis, ports.postgres, ports.mock];
    const free = await Promise.all(all.map((port) => isPortFree(port)));
    if (free.every(Boolean)) return base;
  }
  throw new Error('No free range of 100 ports was found between 20000 and 31000.');
}
