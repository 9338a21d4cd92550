// Jobs that clients hand in, and how each of them ends: items of batches, and single requests through the lanes.
import { setTimeout as pause } from 'node:timers/promises';
import { createRandom } from '../random.mjs';

const lanes = ['express', 'standard', 'standard', 'batch'];
const windows = ['now', 'now', 'now', 'now', '24h'];
const requestDeadlineMs = 60_000;
const patienceMs = 180_000;
const retryPauseMs = 500;
const batchCount = 10;
/** Batches come while there is time left in which something is killed. */
const batchesWithinShare = 0.6;

const promptOf = (run, name) => `Job ${name} of run ${run}: how are you?`;

/** Asks until it is answered for good: what broke off or is to be tried again is, with the same key. */
async function insist(send, isOver) {
  let tries = 0;
  for (;;) {
    tries += 1;
    let pauseMs = retryPauseMs;
    try {
      const response = await send();
      const text = await response.text();
      if (response.status < 429) return { response, body: JSON.parse(text), tries };
      pauseMs = Math.max(pauseMs, Number(response.headers.get('retry-after') ?? 0) * 1_000);
      if (isOver()) return { response, body: JSON.parse(text), tries };
    } catch (error) {
      if (isOver()) return { error: String(error.cause ?? error), tries };
    }
    await pause(pauseMs);
  }
}

const untilPatienceEnds = () => {
  const endsAt = performance.now() + patienceMs;
  return () => performance.now() > endsAt;
};

/** A batch handed in once, whatever breaks meanwhile; gives its id, or what went wrong. */
async function handIn({ url, headers, run, nth, count, window }) {
  const lines = Array.from({ length: count }, (_, at) => {
    const name = `b${nth}-${at}`;
    return JSON.stringify({
      custom_id: name,
      prompt: promptOf(run, name),
      max_tokens: 16,
      metadata: { user_id: name },
    });
  });
  const { body, error } = await insist(
    () =>
      fetch(`${url}/v1/batch?completion_window=${window}`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/x-ndjson', 'idempotency-key': `${run}-b${nth}` },
        body: lines.join('\n'),
        signal: AbortSignal.timeout(requestDeadlineMs),
      }),
    untilPatienceEnds(),
  );
  return { nth, count, window, id: body?.data?.batch_id, error: error ?? body?.error };
}

/** Waits for a batch's end and reads its results: `{ …batch, status, lines }`. */
async function outcomeOf({ url, headers }, batch, isOver) {
  if (!batch.id) return { ...batch, status: 'not taken', lines: [] };
  const at = `${url}/v1/batch/${batch.id}`;
  let status = 'unknown';
  while (!isOver()) {
    const { body } = await insist(() => fetch(`${at}?wait_ms=2000`, { headers }), isOver);
    status = body?.data?.status ?? status;
    if (['completed', 'failed', 'expired', 'cancelled'].includes(status)) break;
  }
  const response = await fetch(`${at}/results`, { headers });
  const text = await response.text();
  const lines = text.split('\n').filter(Boolean);
  return { ...batch, status, lines: lines.map((line) => JSON.parse(line)) };
}

/** One single request; gives how it ended, for good. */
async function askOne({ url, headers, run, lane, name, runStartedAt }) {
  const body = JSON.stringify({
    prompt: promptOf(run, name),
    max_tokens: 16,
    priority: lane,
    deadline_ms: requestDeadlineMs,
    idempotency_key: `${run}-${name}`,
    metadata: { user_id: name },
  });
  const startedAt = performance.now();
  const ended = await insist(
    () =>
      fetch(`${url}/v1/inference`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(requestDeadlineMs + 5_000),
      }),
    untilPatienceEnds(),
  );
  const { response, body: reply, error, tries } = ended;
  const isAnswered = response?.status === 200 && typeof reply?.data?.text === 'string';
  const why = isAnswered ? undefined : (error ?? `${response?.status} ${reply?.error}`);
  const atMs = startedAt - runStartedAt;
  return { name, lane, atMs, isAnswered, why, tries, latencyMs: performance.now() - startedAt };
}

/**
 * Hands in half of `jobs` as batches and asks the other half one by one, over `seconds`, and waits until all have ended:
 * `{ batches, singles }`.
 */
export async function runJobs({ url, headers, run, jobs, clients, seconds, seed, startedAt }) {
  const random = createRandom(seed + 1);
  const inBatches = Math.floor(jobs / 2);
  const perBatch = Math.floor(inBatches / batchCount);
  const access = { url, headers };
  const until = (atMs) => pause(Math.max(0, startedAt + atMs - performance.now()));
  const batchJobs = Array.from({ length: batchCount }, async (_, nth) => {
    const window = windows[nth % windows.length];
    const count = nth === 0 ? inBatches - perBatch * (batchCount - 1) : perBatch;
    await until((nth / batchCount) * batchesWithinShare * seconds * 1_000);
    return handIn({ ...access, run, nth, count, window });
  });
  const singles = [];
  let next = 0;
  const total = jobs - inBatches;
  const client = async () => {
    for (let at = next++; at < total; at = next++) {
      const lane = random.pick(lanes);
      // Evenly over the time; who is behind goes on at once.
      await until((at / total) * seconds * 1_000);
      singles.push(await askOne({ ...access, run, lane, name: `s${at}`, runStartedAt: startedAt }));
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const taken = await Promise.all(batchJobs);
  const isOver = untilPatienceEnds();
  const batches = await Promise.all(taken.map((batch) => outcomeOf(access, batch, isOver)));
  return { batches, singles };
}
