// What clients ask, and how each of their requests ends.
import { createRandom } from './random.mjs';

const prompts = [
  ['simple', (n) => `What is the capital of country number ${n}?`],
  [
    'moderate',
    (n) =>
      `Compare relational and document databases for an online shop with ${n} products: consistency, cost of operation, and how each of them ` +
      'copes with ten times the load. Give a recommendation with reasons.',
  ],
  [
    'complex',
    (n) =>
      `Prove that there are infinitely many primes congruent to 3 modulo 4, derive step by step what that means for the first ${n} of them, and ` +
      'analyse the asymptotic complexity of an algorithm that lists them. Then refactor the algorithm in Python and explain why it terminates.',
  ],
];
const priorities = ['express', 'standard', 'standard', 'batch'];
const waitAfterDeadlineMs = 2_000;

/**
 * Lets clients ask until `isOver()`; gives how each request ended: `{ atMs, latencyMs, isAnswered, … }`, times from `startedAt` on
 * (`performance.now()`).
 */
export async function runTraffic({ url, apiKey, clients, deadlineMs, seed, startedAt, isOver }) {
  const random = createRandom(seed + 1);
  const endings = [];
  const client = async () => {
    while (!isOver()) {
      const [kind, promptOf] = random.pick(prompts);
      const request = {
        kind,
        prompt: promptOf(`${seed}-${endings.length}-${Math.floor(random.next() * 1e9)}`),
        isStream: random.next() < 0.5,
        priority: random.pick(priorities),
      };
      const atMs = performance.now() - startedAt;
      const ending = await ask({ url, apiKey, deadlineMs, ...request });
      endings.push({ ...ending, atMs, kind, isStream: request.isStream, priority: request.priority });
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return endings;
}

async function ask({ url, apiKey, deadlineMs, prompt, isStream, priority }) {
  const startedAt = performance.now();
  const since = () => performance.now() - startedAt;
  try {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      signal: AbortSignal.timeout(deadlineMs + waitAfterDeadlineMs),
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${apiKey}`,
        'x-costlane-deadline-ms': String(deadlineMs),
        'x-costlane-priority': priority,
      },
      body: JSON.stringify({
        model: 'auto',
        messages: [{ role: 'user', content: prompt }],
        ...(isStream ? { stream: true, stream_options: { include_usage: true } } : {}),
      }),
    });
    const text = await response.text();
    const told = isStream && response.ok ? readStream(text) : readDocument(text, response.headers);
    return {
      latencyMs: since(),
      status: response.status,
      requestId: response.headers.get('x-request-id'),
      model: response.headers.get('x-model-used'),
      provider: response.headers.get('x-provider'),
      route: response.headers.get('x-route-decision') ?? '',
      cache: response.headers.get('x-cache'),
      ...told,
      isAnswered: response.ok && told.isWhole,
      // Refused in good order: with a code, and in time.
      isClearFailure: !response.ok && told.code !== undefined,
    };
  } catch (error) {
    const code = error.name === 'TimeoutError' ? 'no word after the deadline' : `connection: ${error.cause ?? error}`;
    return { latencyMs: since(), status: 0, route: '', isAnswered: false, isClearFailure: false, code };
  }
}

function readDocument(text, headers) {
  const body = parsed(text);
  return {
    isWhole: Boolean(body?.choices?.[0]?.message?.content) && body.choices[0].finish_reason === 'stop',
    costUsd: headers.get('x-cost-usd'),
    code: body?.error ? (body.error.code ?? body.error.type) : undefined,
  };
}

/** A stream is whole with words, a reason for its end, and `[DONE]`; what it cost stands in its last event. */
function readStream(text) {
  const events = text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice(6));
  const bodies = events.map(parsed).filter(Boolean);
  const error = bodies.find((body) => body.error)?.error;
  const hasWords = bodies.some((body) => body.choices?.[0]?.delta?.content);
  const isEnded = bodies.some((body) => body.choices?.[0]?.finish_reason === 'stop');
  return {
    isWhole: !error && hasWords && isEnded && events.at(-1) === '[DONE]',
    costUsd: bodies.find((body) => body.costlane)?.costlane.cost_usd,
    code: error ? (error.code ?? error.type) : undefined,
  };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
