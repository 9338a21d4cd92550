import type { IncomingHttpHeaders } from 'node:http';
import { CostlaneError } from '@costlane/domain';
import type { Caller } from '../core/inference-request';

/** Which tenants an administrator may act on. */
export type AdminReach = { kind: 'deployment' } | { kind: 'tenant'; tenantId: string };

/**
 * A key that belongs to a tenant administers that tenant and no other. Only the deployment's own administrator, who comes without such
 * a key (`COSTLANE_ADMIN_KEY`, or open loopback), acts on all. Throws `forbidden` for a caller that is no administrator.
 */
export function reachOf(caller: Caller): AdminReach {
  if (caller.role !== 'admin') throw new CostlaneError('forbidden', 'This needs a key with the role "admin".');
  return caller.keyId === undefined ? { kind: 'deployment' } : { kind: 'tenant', tenantId: caller.tenantId };
}

/**
 * The tenant that an administrator's request acts on; undefined: all of them. Throws `forbidden` for a tenant out of reach.
 */
export function tenantInReach(reach: AdminReach, asked: string | undefined): string | undefined {
  if (reach.kind === 'deployment') return asked;
  if (asked === undefined || asked === reach.tenantId) return reach.tenantId;
  const message = 'Field "tenant_id": this key administers its own tenant only.';
  throw new CostlaneError('forbidden', message, { field: 'tenant_id' });
}

const FORWARDING_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'] as const;
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/**
 * Whether a request was made on this machine itself. One that came through a proxy says so in its headers; one that a web page made
 * under a name of its own choosing (DNS rebinding) in its `Host`, one that another site's page made in its `Origin`.
 */
export function isLocalRequest(remoteAddress: string | undefined, headers: IncomingHttpHeaders): boolean {
  if (remoteAddress === undefined || !LOOPBACK.test(remoteAddress)) return false;
  if (FORWARDING_HEADERS.some((name) => headers[name] !== undefined)) return false;
  if (!LOOPBACK_HOST.test(headers.host ?? '')) return false;
  const { origin } = headers;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === headers.host);
}
