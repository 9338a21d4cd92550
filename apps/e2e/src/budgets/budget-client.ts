import { waitFor } from '@costlane/testing';
import { newTenant, type Stack } from '../support/stack';

/** Fields of a budget as its door takes them, beside the tenant. */
export interface BudgetFields {
  scope?: string;
  scope_id?: string;
  period?: string;
  limit_usd: string;
  on_exceeded?: string;
  on_unreachable?: string;
}

export interface AccountView {
  subject: string;
  spent_usd: string;
  reserved_usd: string;
  remaining_usd: string;
}

export interface Answer {
  status: number;
  cost: bigint;
  remaining: string | null;
  model: string | null;
  cache: string | null;
  retryAfter: string | null;
  code: string | null;
  text: string;
}

/** Dollars as exact nano-dollars. */
export const nanosOf = (usd: string | null): bigint => BigInt((usd ?? '0').replace('.', ''));

/** A tenant of its own, its budgets, and questions to any gateway. */
export async function budgetTenant(running: Stack, name: string) {
  const tenantId = `${name}-${Date.now()}`;
  const apiKey = await newTenant(running, tenantId);
  const admin = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const response = await fetch(`${running.url}/admin/budgets${path}`, {
      method,
      headers: { authorization: `Bearer ${running.adminKey}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const { data, error } = (await response.json()) as { data: Record<string, unknown> | null; error: string | null };
    if (!data) throw new Error(`${method} ${path}: ${error}`);
    return data;
  };
  let asked = 0;
  return {
    tenantId,
    put: (fields: BudgetFields) => admin('POST', '', { tenant_id: tenantId, scope: 'org', period: 'day', ...fields }),
    remove: (id: string) => admin('DELETE', `/${id}`),
    async accounts(): Promise<AccountView[]> {
      const data = await admin('GET', `?tenant_id=${tenantId}`);
      return (data['budgets'] as { accounts: AccountView[] }[]).flatMap(({ accounts }) => accounts);
    },
    /** Asks something that nobody has asked before, unless the prompt is given. */
    async ask(
      url: string,
      options: { prompt?: string; user?: string; model?: string; stream?: boolean; signal?: AbortSignal } = {},
    ): Promise<Answer> {
      const { prompt = `[[mock: latencyMs=20]] ${tenantId} ${asked++}`, user, model = 'gpt-4o-mini', stream } = options;
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        signal: options.signal,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${apiKey}`,
          'x-costlane-semantic-cache': 'false',
          ...(user === undefined ? {} : { 'x-costlane-user': user }),
        },
        body: JSON.stringify({ model, max_tokens: 50, messages: [{ role: 'user', content: prompt }], stream }),
      });
      const header = (name: string): string | null => response.headers.get(name);
      return {
        status: response.status,
        text: await response.text(),
        cost: nanosOf(header('x-cost-usd')),
        remaining: header('x-budget-remaining-usd'),
        model: header('x-model-used'),
        cache: header('x-cache'),
        retryAfter: header('retry-after'),
        code: header('x-error-code'),
      };
    },
    /** A batch of questions; gives the error code of each, or null, when all have ended. */
    async batch(count: number): Promise<(string | null)[]> {
      const requests = Array.from({ length: count }, (_, n) => ({
        custom_id: `i${n}`,
        prompt: `[[mock: latencyMs=20]] ${tenantId} item ${asked++}`,
        preferred_model: 'gpt-4o-mini',
        max_tokens: 50,
      }));
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` };
      const handedIn = await fetch(`${running.url}/v1/batch`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ requests }),
      });
      const { data } = (await handedIn.json()) as { data: { batch_id: string } };
      return waitFor(
        async () => {
          const response = await fetch(`${running.url}/v1/batch/${data.batch_id}/results`, { headers });
          const lines = response.ok ? (await response.text()).trim().split('\n') : [];
          const codes = lines
            .filter((line) => line !== '')
            .map((line) => (JSON.parse(line) as { error_code: string | null }).error_code);
          return codes.length === count ? codes : undefined;
        },
        { timeoutMs: 60_000, intervalMs: 250 },
      );
    },
  };
}

export type BudgetTenant = Awaited<ReturnType<typeof budgetTenant>>;
