import { randomUUID } from 'node:crypto';
import { createConnection } from 'node:net';
import { waitFor } from '@costlane/testing';
import { pause } from '../support/hold-to-its-word';
import { newTenant, stackUnderTest, type Stack } from '../support/stack';

const stack = stackUnderTest();
const describeStack = stack ? describe : describe.skip;

interface Answer {
  status: number;
  tier: string | null;
  text: string;
  latencyMs: number;
}

async function ask({ url }: Stack, apiKey: string, content: string): Promise<Answer> {
  const begunAtMs = performance.now();
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] }),
  });
  const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
  return {
    status: response.status,
    tier: response.headers.get('x-cache'),
    text: choices[0]?.message.content ?? '',
    latencyMs: performance.now() - begunAtMs,
  };
}

const question = 'What is the tallest mountain in Spain?';
/** Another form of the question each time: never an exact hit, always the same question. */
const inForm = (n: number): string =>
  [...question].map((letter, at) => ((n >> (at % 20)) & 1 ? letter.toUpperCase() : letter.toLowerCase())).join('');

async function skipped({ url }: Stack): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/costlane_fallback_total\{[^}]*kind="semantic_cache_skipped"[^}]*\} (\d+)/.exec(text)?.[1] ?? 0);
}

describeStack('the semantic cache whose parts die', () => {
  const running = stack as Stack;
  jest.setTimeout(90_000);
  let form = 0;

  /** Answers that the provider gave to this question: a wording that came too early for the first one's is answered for itself. */
  let given = new Set<string>();

  const asked = async (): Promise<{ apiKey: string }> => {
    const apiKey = await newTenant(running, `semantic-${randomUUID()}`);
    given = new Set([(await ask(running, apiKey, question)).text]);
    return { apiKey };
  };
  const semanticAnswer = (apiKey: string, timeoutMs = 15_000): Promise<Answer> =>
    waitFor(
      async () => {
        const answer = await ask(running, apiKey, inForm(++form));
        expect(answer.status).toBe(200);
        if (answer.tier === 'miss') given.add(answer.text);
        return answer.tier === 'semantic' ? answer : undefined;
      },
      { timeoutMs, intervalMs: 100 },
    );

  it('finds its questions again after the cache service was killed, from what Redis holds', async () => {
    const { apiKey } = await asked();
    expect(given).toContain((await semanticAnswer(apiKey)).text);
    await running.kill('cache');
    expect(given).toContain((await semanticAnswer(apiKey)).text);
  });

  it('costs a request a few milliseconds when the cache service is frozen, then nothing, and says so', async () => {
    const { apiKey } = await asked();
    await semanticAnswer(apiKey);
    const usual: number[] = [];
    for (let n = 0; n < 10; n++) usual.push((await ask(running, apiKey, `Warm up ${n} ${randomUUID()}`)).latencyMs);
    const before = await skipped(running);
    running.signal('cache', 'SIGSTOP');
    const frozen: Answer[] = [];
    try {
      for (let n = 0; n < 20; n++) frozen.push(await ask(running, apiKey, `Frozen ${n} ${randomUUID()}`));
    } finally {
      running.signal('cache', 'SIGCONT');
    }
    expect(frozen.every(({ status, tier }) => status === 200 && tier === 'miss')).toBe(true);
    // 12 ms of waiting for the first few, then none but now and then; the rest of the bound is for a busy machine.
    const median = (times: number[]): number => times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
    expect(median(frozen.map(({ latencyMs }) => latencyMs)) - median(usual)).toBeLessThan(40);
    expect((await skipped(running)) - before).toBe(20);
    await pause(2_100);
    expect(given).toContain((await semanticAnswer(apiKey)).text);
  });

  it('gives no answer that has gone from Redis, and finds the new one', async () => {
    const { apiKey } = await asked();
    await semanticAnswer(apiKey);
    await flushExactTier(Number(new URL(process.env['REDIS_URL'] ?? '').port));
    // The gateway's own memory has it for some seconds more.
    const anew = await waitFor(
      async () => {
        const answer = await ask(running, apiKey, inForm(++form));
        expect(answer.status).toBe(200);
        return answer.tier === 'miss' ? answer : undefined;
      },
      { timeoutMs: 20_000, intervalMs: 250 },
    );
    given = new Set([anew.text]);
    expect(given).toContain((await semanticAnswer(apiKey)).text);
  });
});

/** Removes every stored answer, as a Redis that was emptied would have. */
async function flushExactTier(port: number): Promise<void> {
  const script =
    "for _, key in ipairs(redis.call('KEYS', 'costlane:exact*')) do redis.call('DEL', key) end return 'done'";
  const command = ['EVAL', script, '0'];
  const wire = `*${command.length}\r\n${command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
  const reply = await new Promise<string>((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write(wire));
    socket.once('data', (bytes) => {
      socket.end();
      resolve(bytes.toString());
    });
    socket.once('error', reject);
  });
  expect(reply).toContain('done');
}
