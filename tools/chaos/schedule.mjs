// Who fails when, and how: two of the three providers at a time, in turns, and at the end one is left.
import { createRandom } from './random.mjs';

/** The providers that take part. */
export const providerNames = ['openai', 'anthropic', 'google'];

/** Ways to fail; `behaviour` is what the mock is told, `isGone` that nothing listens any more. */
export const faults = {
  'status 500': { behaviour: { status: 500 } },
  'status 503': { behaviour: { status: 503 } },
  'status 529': { behaviour: { status: 529 } },
  '429 with retry-after': { behaviour: { status: 429, retryAfter: 2 } },
  'no answer': { behaviour: { hang: true } },
  'cut before the first token': { behaviour: { cutAfter: 0 } },
  'connection refused': { isGone: true },
};

const warmUpShare = 0.1;
const finalShare = 0.2;
/** Between two turns of failing: every second time none, so that the last healthy provider fails the moment the others are back. */
const breathMs = 2_000;
const turnMs = 5_000;

/**
 * Phases of a run, one behind the other: `{ name, startMs, endMs, failing: { provider: fault } }`. Each begins with all well; then two
 * providers fail in turns, each with the next of all ways to fail; in the last fifth one provider alone is left, the others refuse connections.
 */
export function planPhases({ seconds, seed }) {
  const random = createRandom(seed);
  const totalMs = seconds * 1_000;
  const finalAtMs = Math.round(totalMs * (1 - finalShare));
  const phases = [{ name: 'all are well', startMs: 0, endMs: Math.round(totalMs * warmUpShare), failing: {} }];
  const faultDeck = createDeck(random, Object.keys(faults));
  const healthyDeck = createDeck(random, providerNames);
  let atMs = phases[0].endMs;
  for (let turn = 0; finalAtMs - atMs >= turnMs; turn += 1) {
    const isWithBreath = turn % 2 === 1;
    if (isWithBreath) {
      phases.push({ name: 'all are well', startMs: atMs, endMs: atMs + breathMs, failing: {} });
      atMs += breathMs;
    }
    const left = healthyDeck();
    const failing = Object.fromEntries(
      providerNames.filter((name) => name !== left).map((name) => [name, faultDeck()]),
    );
    const endMs = finalAtMs - (atMs + turnMs) < turnMs + breathMs ? finalAtMs : atMs + turnMs;
    phases.push({ name: `only ${left} answers`, startMs: atMs, endMs, failing });
    atMs = endMs;
  }
  const last = healthyDeck();
  const gone = Object.fromEntries(
    providerNames.filter((name) => name !== last).map((name) => [name, 'connection refused']),
  );
  phases.push({ name: `${last} is left`, startMs: atMs, endMs: totalMs, failing: gone });
  return phases;
}

/** Deals a list out in a drawn order, again and again; never the same twice in a row. */
function createDeck(random, list) {
  let cards = [];
  let last;
  return () => {
    if (cards.length === 0) {
      cards = random.shuffled(list);
      if (cards[0] === last) cards.push(cards.shift());
    }
    last = cards.shift();
    return last;
  };
}
