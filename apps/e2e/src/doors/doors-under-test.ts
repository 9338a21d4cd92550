import { randomUUID } from 'node:crypto';
import { waitFor, type Stats } from '@costlane/testing';

/** Where the doors of the running system are. */
export interface Doors {
  url: string;
  grpcAddress: string;
  mockUrl: string;
  /** Absent: what needs the deployment's administrator is skipped. */
  adminKey: string | undefined;
}

/** The system that COSTLANE_E2E_URL names; undefined when these specs are run without one. */
export function doorsUnderTest(): Doors | undefined {
  const { COSTLANE_E2E_URL: url, COSTLANE_E2E_PORT_BASE: base } = process.env;
  if (!url || !base) {
    process.stderr.write(
      'no running system for these specs: set COSTLANE_E2E_URL and COSTLANE_E2E_PORT_BASE, or run "npm test"; skipping\n',
    );
    return undefined;
  }
  return {
    url: url.replace(/\/+$/, ''),
    grpcAddress: process.env['COSTLANE_E2E_GRPC'] ?? `127.0.0.1:${Number(base) + 51}`,
    mockUrl: process.env['MOCK_LLM_URL'] ?? `http://127.0.0.1:${Number(base) + 90}`,
    adminKey: process.env['COSTLANE_E2E_ADMIN_KEY'],
  };
}

/** A text that no cache has seen. */
export const fresh = (text: string): string => `${text} ${randomUUID()}`;

export interface Envelope<T> {
  success: boolean;
  data: T;
  error: string | null;
}

/** The fields of a reply that these specs look at. */
export interface Reply {
  request_id: string;
  text: string;
  model_used: string;
  cost_usd: number;
  savings_usd: { cache: number; routing: number; prefix: number; batching: number };
  cache_info: { hit: boolean; tier: string };
  usage: { total_tokens: number };
}

/** Sends JSON; a body that is text is sent as it is. */
export function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    signal,
  });
}

export const envelopeOf = async <T>(response: Response): Promise<Envelope<T>> => (await response.json()) as Envelope<T>;

/** What the mock provider counted. */
export const mockStats = async (doors: Doors): Promise<Stats> =>
  (await (await fetch(`${doors.mockUrl}/mock/stats`)).json()) as Stats;

/** How long after `sinceMs` the provider saw that the call of this request was given up. */
export async function abortDelayMs(doors: Doors, requestId: string, sinceMs: number): Promise<number> {
  const abort = await waitFor(
    async () => (await mockStats(doors)).lastAborts.find((one) => one.requestId === requestId),
    { timeoutMs: 5_000 },
  );
  return abort.atMs - sinceMs;
}

/** A key of a tenant of its own, or undefined without an administrator's key. */
export async function newKey(
  doors: Doors,
  fields: Record<string, unknown> = {},
): Promise<{ id: string; key: string; tenantId: string }> {
  const tenantId = `e2e-${randomUUID()}`;
  const response = await post(`${doors.url}/admin/keys`, { tenant_id: tenantId, ...fields }, adminHeaders(doors));
  const { data, error } = await envelopeOf<{ id: string; key: string } | null>(response);
  if (!data) throw new Error(`no key was made: ${error}`);
  return { ...data, tenantId };
}

export const adminHeaders = ({ adminKey }: Doors): Record<string, string> =>
  adminKey ? { authorization: `Bearer ${adminKey}` } : {};
