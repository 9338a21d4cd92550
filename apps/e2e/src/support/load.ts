/** How one request of a load ended. */
export interface Ending {
  status: number;
  requestId: string | null;
  costUsd: string | null;
  latencyMs: number;
  /** The connection broke or no answer came: what must not happen. */
  isUnanswered: boolean;
  body: string;
}

export interface LoadOptions {
  url: string;
  apiKey: string;
  clients: number;
  /** Makes the prompt of the n-th request. */
  prompt: (n: number) => string;
  /** Each client goes on until this resolves. */
  until: Promise<unknown>;
  deadlineMs: number;
  stream?: boolean;
  priority?: string;
}

/** Asks one question and reads the whole answer. */
export async function ask(
  url: string,
  apiKey: string | undefined,
  prompt: string,
  options: { deadlineMs?: number; stream?: boolean; model?: string; priority?: string; signal?: AbortSignal } = {},
): Promise<Ending> {
  const startedAt = performance.now();
  try {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      signal: options.signal,
      headers: {
        'content-type': 'application/json',
        ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
        ...(options.deadlineMs ? { 'x-costlane-deadline-ms': String(options.deadlineMs) } : {}),
        ...(options.priority ? { 'x-costlane-priority': options.priority } : {}),
      },
      body: JSON.stringify({
        model: options.model ?? 'gpt-4o-mini',
        messages: [{ role: 'user', content: prompt }],
        ...(options.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
      }),
    });
    const body = await response.text();
    return {
      status: response.status,
      requestId: response.headers.get('x-request-id'),
      costUsd: response.headers.get('x-cost-usd'),
      latencyMs: performance.now() - startedAt,
      isUnanswered: false,
      body,
    };
  } catch (error) {
    const body = error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error);
    return {
      status: 0,
      requestId: null,
      costUsd: null,
      latencyMs: performance.now() - startedAt,
      isUnanswered: true,
      body,
    };
  }
}

/** A steady load of different questions; gives how each request ended. */
export async function runLoad(options: LoadOptions): Promise<Ending[]> {
  const endings: Ending[] = [];
  let isOver = false;
  let asked = 0;
  void options.until.finally(() => (isOver = true));
  const client = async (): Promise<void> => {
    while (!isOver) {
      endings.push(
        await ask(options.url, options.apiKey, options.prompt(asked++), {
          deadlineMs: options.deadlineMs,
          stream: options.stream,
          priority: options.priority,
        }),
      );
    }
  };
  await Promise.all(Array.from({ length: options.clients }, client));
  return endings;
}

/** Nano-dollars from the exact decimal that a header holds. */
export function nanoUsdOf(costUsd: string | null): bigint {
  if (costUsd === null || costUsd === 'unknown') return 0n;
  const [whole = '0', fraction = ''] = costUsd.split('.');
  return BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}
