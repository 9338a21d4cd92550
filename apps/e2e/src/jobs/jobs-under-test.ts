import { waitFor } from '@costlane/testing';
import { envelopeOf, newKey, type Doors, type Reply } from '../doors/doors-under-test';

/** What these specs look at of a batch. */
export interface Batch {
  batch_id: string;
  status: string;
  counts: { total: number; pending: number; succeeded: number; failed: number; cancelled: number; expired: number };
  duplicates: number;
  cost_usd: number;
  webhook: { status: string } | null;
  results?: BatchLine[] | null;
}

export interface BatchLine {
  custom_id: string | null;
  index: number;
  status: string;
  http_status: number | null;
  error_code: string | null;
  same_as_index: number | null;
  cost_usd: number;
  success: boolean;
  data: Reply | null;
  error: string | null;
}

export interface Tenant {
  tenantId: string;
  headers: Record<string, string>;
}

/** A tenant of its own. */
export async function newTenant(doors: Doors): Promise<Tenant> {
  const { key, tenantId } = await newKey(doors);
  return { tenantId, headers: { authorization: `Bearer ${key}` } };
}

export const getJson = async <T>(
  url: string,
  { headers }: Tenant,
): Promise<{ status: number; data: T; error: string | null }> => {
  const response = await fetch(url, { headers });
  return { status: response.status, ...(await envelopeOf<T>(response)) };
};

/** Asks again and again until a batch or job has one of these states. */
export function untilStatus<T extends { status: string }>(
  url: string,
  tenant: Tenant,
  statuses: readonly string[] = ['completed', 'expired', 'cancelled', 'failed'],
  timeoutMs = 60_000,
): Promise<T> {
  return waitFor(
    async () => {
      const { data } = await getJson<T>(`${url}?wait_ms=2000`, tenant);
      return statuses.includes(data.status) ? data : undefined;
    },
    { timeoutMs, intervalMs: 50 },
  );
}

export async function linesOf(url: string, { headers }: Tenant): Promise<BatchLine[]> {
  const text = await (await fetch(url, { headers })).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as BatchLine);
}
