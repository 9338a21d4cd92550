import { readSse, waitFor } from '@costlane/testing';
import { adminHeaders, envelopeOf, fresh, newKey, post, type Doors } from '../doors/doors-under-test';

/** Prompts whose complexity is clearly that of one tier. */
export const prompts = {
  economy: 'What is the capital of France?',
  standard: 'Explain how compound interest works and give an example with 1,000 dollars at 5 % over 10 years.',
  premium:
    'Prove that there are infinitely many primes congruent to 3 modulo 4, derive step by step what that means for their density, and analyse the ' +
    'asymptotic complexity of an algorithm that lists them. Then refactor the algorithm in Python, explain why it terminates, and design tests for it.',
} as const;
export type Tier = keyof typeof prompts;

interface Listed {
  name: string;
  provider: string;
  tier: Tier;
}

/** How one request was answered, from its headers and its text. */
export interface Routed {
  status: number;
  model: string;
  provider: string;
  decision: string;
  tier: string;
  isStale: boolean;
  /** Nano-dollars. */
  cost: bigint;
  baseline: bigint;
  saved: bigint;
  text: string;
  requestId: string;
  errorCode: string | null;
}

export interface RoutedOptions {
  key?: string;
  model?: string | undefined;
  stream?: boolean;
  /** Further fields of the body, and headers. */
  fields?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** Nano-dollars from an exact decimal. */
export function nano(usd: string | null | undefined): bigint {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,9}))?$/.exec(usd ?? '') ?? [];
  if (whole === undefined) return 0n;
  const amount = BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
  return sign === '-' ? -amount : amount;
}

interface ChatDocument {
  choices?: { message: { content: string | null } }[];
}
interface ChatEvent {
  choices?: { delta?: { content?: string } }[];
  costlane?: { cost_usd: string; baseline_usd?: string; saved_usd?: string };
  error?: { code: string };
}

/** Asks the chat door, by default for `auto`; `model: undefined` names none. */
export async function ask(doors: Doors, content: string, options: RoutedOptions = {}): Promise<Routed> {
  const model = 'model' in options ? options.model : 'auto';
  const response = await post(
    `${doors.url}/v1/chat/completions`,
    {
      ...(model === undefined ? {} : { model }),
      messages: [{ role: 'user', content }],
      ...(options.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
      ...options.fields,
    },
    { ...(options.key ? { authorization: `Bearer ${options.key}` } : {}), ...options.headers },
  );
  const told = options.stream && response.ok ? await readStream(response) : await readDocument(response);
  const header = (name: string): string => response.headers.get(name) ?? '';
  return {
    status: response.status,
    model: header('x-model-used'),
    provider: header('x-provider'),
    decision: header('x-route-decision'),
    tier: header('x-cache'),
    isStale: header('x-cache-stale') === 'true',
    requestId: header('x-request-id'),
    ...told,
  };
}

async function readDocument(response: Response) {
  const body = (await response.json()) as ChatDocument & { error?: { code: string } };
  return {
    text: body.choices?.[0]?.message.content ?? '',
    cost: nano(response.headers.get('x-cost-usd')),
    baseline: nano(response.headers.get('x-cost-baseline-usd')),
    saved: nano(response.headers.get('x-cost-saved-usd')),
    errorCode: body.error?.code ?? null,
  };
}

async function readStream(response: Response) {
  const events: ChatEvent[] = [];
  for await (const { data } of readSse(response)) if (data !== '[DONE]') events.push(JSON.parse(data) as ChatEvent);
  const costs = events.find(({ costlane }) => costlane)?.costlane;
  return {
    text: events.map(({ choices }) => choices?.[0]?.delta?.content ?? '').join(''),
    cost: nano(costs?.cost_usd),
    baseline: nano(costs?.baseline_usd),
    saved: nano(costs?.saved_usd),
    errorCode: events.find(({ error }) => error)?.error?.code ?? null,
  };
}

/** Every model that the gateway lists, by name. */
export async function modelsOf(doors: Doors): Promise<Map<string, Listed>> {
  const { models } = (await envelopeOf<{ models: Listed[] }>(await fetch(`${doors.url}/models`))).data;
  return new Map(models.map((model) => [model.name, model]));
}

/** The model that a prompt of a tier goes to at present. */
export const modelFor = async (doors: Doors, tier: Tier, options: RoutedOptions = {}): Promise<string> =>
  (await ask(doors, fresh(prompts[tier]), options)).model;

/** Runs something while all calls of the mock provider behave in a way. */
export async function withMock<T>(doors: Doors, behaviour: Record<string, unknown>, run: () => Promise<T>): Promise<T> {
  const path = `${doors.mockUrl}/mock/behaviour`;
  const response = await fetch(path, { method: 'PUT', body: JSON.stringify(behaviour) });
  if (!response.ok) throw new Error(`the mock refused: ${await response.text()}`);
  try {
    return await run();
  } finally {
    await fetch(path, { method: 'DELETE' });
  }
}

/** A tenant with rules of its own, which are in force. */
export async function tenantWith(
  doors: Doors,
  rules: Record<string, unknown>,
): Promise<{ key: string; tenantId: string }> {
  const tenant = await newKey(doors);
  await setRules(doors, tenant.tenantId, rules);
  return tenant;
}

/** Sets a tenant's rules and waits until they must be in force everywhere: 2 s at the most. */
export async function setRules(doors: Doors, tenantId: string, rules: Record<string, unknown>): Promise<void> {
  const response = await fetch(`${doors.url}/admin/tenants/${tenantId}/policy`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...adminHeaders(doors) },
    body: JSON.stringify(rules),
  });
  if (!response.ok) throw new Error(`the rules were refused: ${await response.text()}`);
}

/** Asks until what comes is as it should be with rules that have just been set; 2 s is what there is for it. */
export async function soon<T>(attempt: () => Promise<T>, isRight: (value: T) => boolean): Promise<T> {
  return waitFor(
    async () => {
      const value = await attempt();
      return isRight(value) ? { value } : undefined;
    },
    { timeoutMs: 2_000, intervalMs: 50 },
  ).then(({ value }) => value);
}
