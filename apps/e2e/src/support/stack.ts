import { readFileSync } from 'node:fs';
import { waitFor } from '@costlane/testing';

interface RunningProcess {
  name: string;
  pid: number | null;
  restarts: number;
  port: number | null;
}

/** The running system under test, as its launcher describes it; undefined when these specs are run without one. */
export interface Stack {
  url: string;
  mockUrl: string;
  adminKey: string;
  processOf(name: string): RunningProcess;
  signal(name: string, signal: NodeJS.Signals): void;
  /** Ends a process hard and waits until its successor says that it is ready. */
  kill(name: string): Promise<void>;
  /** HTTP base of a service. */
  serviceUrl(name: string): string;
}

export function stackUnderTest(): Stack | undefined {
  const {
    COSTLANE_E2E_URL: url,
    COSTLANE_E2E_CONTROL: control,
    COSTLANE_E2E_ADMIN_KEY: adminKey,
    MOCK_LLM_URL: mockUrl,
  } = process.env;
  if (!url || !control || !adminKey || !mockUrl) return undefined;
  const processOf = (name: string): RunningProcess => {
    const { processes } = JSON.parse(readFileSync(control, 'utf8')) as { processes: RunningProcess[] };
    const found = processes.find((candidate) => candidate.name === name);
    if (!found) throw new Error(`the launcher runs no process named ${name}`);
    return found;
  };
  const serviceUrl = (name: string): string => `http://127.0.0.1:${processOf(name).port}`;
  const signal = (name: string, what: NodeJS.Signals): void => {
    const { pid } = processOf(name);
    if (pid === null) throw new Error(`${name} is not running`);
    process.kill(pid, what);
  };
  return {
    url,
    mockUrl,
    adminKey,
    processOf,
    signal,
    serviceUrl,
    async kill(name) {
      const before = processOf(name).pid;
      signal(name, 'SIGKILL');
      await waitFor(() => processOf(name).pid !== null && processOf(name).pid !== before, { timeoutMs: 15_000 });
      const isDatabase = name === 'redis' || name === 'postgres';
      if (!isDatabase)
        await waitFor(async () => (await fetch(`${serviceUrl(name)}/health/ready`)).ok, { timeoutMs: 20_000 });
    },
  };
}

/** A tenant of its own, so that a spec's records are its own. Gives the key that stands for it. */
export async function newTenant(stack: Stack, tenantId: string): Promise<string> {
  const response = await fetch(`${stack.url}/admin/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ tenant_id: tenantId, name: 'end-to-end' }),
  });
  const { data, error } = (await response.json()) as { data: { key: string } | null; error: string | null };
  if (!data) throw new Error(`no key was made: ${error}`);
  return data.key;
}

export interface LedgerSummary {
  requests: number;
  paidNanoUsd: bigint;
  duplicates: number;
}

/** What the ledger holds of a tenant. */
export async function ledgerOf(stack: Stack, tenantId: string): Promise<LedgerSummary> {
  const url = `${stack.serviceUrl('cost-attribution')}/internal/ledger/summary?tenant_id=${encodeURIComponent(tenantId)}`;
  const { data } = (await (await fetch(url)).json()) as {
    data: { requests: number; paid_nano_usd: string; duplicate_completions: number };
  };
  return {
    requests: Number(data.requests),
    paidNanoUsd: BigInt(data.paid_nano_usd),
    duplicates: Number(data.duplicate_completions),
  };
}
