const startMs = 1_800_000_000_000;
const hourMs = 3_600_000;

/**
 * Four kinds of traffic over some hours: single questions behind a common system prompt, often and rarely; conversations; and documents
 * that are asked about once. Random, but the same at each run.
 */
export function syntheticTraffic({ hours = 12 } = {}) {
  const span = hours * hourMs;
  return [
    { name: 'assistants, 10 s to 2 h apart', requests: singles([10, 60, 240, 900, 2_700, 7_200], span, 3_000) },
    { name: 'rare assistants, 2 h apart', requests: singles([7_200, 7_200, 7_200, 7_200], span, 3_000) },
    { name: 'conversations', requests: conversations(span) },
    { name: 'documents asked about once', requests: documents(span) },
    { name: 'all of these', requests: [] },
  ].map((each, _, all) => (each.requests.length > 0 ? each : { ...each, requests: merged(all) }));
}

const merged = (all) => all.flatMap(({ requests }) => requests).sort((a, b) => a.atMs - b.atMs);

/** Applications with a system prompt of their own, whose questions come at random, so many seconds apart in the mean. */
function singles(meanGapsSeconds, span, systemTokens) {
  return meanGapsSeconds
    .flatMap((seconds, app) => {
      const random = generator(app + 1);
      return arrivals(random, seconds, span).map((atMs, i) => ({
        atMs,
        segments: [
          { name: `system ${systemTokens} ${seconds} ${app}`, tokens: systemTokens },
          { name: `question ${app} ${i}`, tokens: 60 + Math.floor(random() * 200) },
        ],
      }));
    })
    .sort((a, b) => a.atMs - b.atMs);
}

/** One to eight turns, a minute and a half apart in the mean, behind a short system prompt. */
function conversations(span) {
  const random = generator(77);
  return arrivals(random, 120, span)
    .flatMap((beginMs, id) => {
      const turns = 1 + Math.floor(random() * 8);
      const segments = [{ name: 'chat system', tokens: 600 }];
      let atMs = beginMs;
      return Array.from({ length: turns }, (_, turn) => {
        if (turn > 0) {
          segments.push({ name: `answer ${id} ${turn}`, tokens: 150 + Math.floor(random() * 500) });
          atMs += exponential(random, 90) * 1_000;
        }
        segments.push({ name: `user ${id} ${turn}`, tokens: 30 + Math.floor(random() * (turn === 0 ? 2_000 : 300)) });
        return { atMs, segments: [...segments] };
      });
    })
    .sort((a, b) => a.atMs - b.atMs);
}

function documents(span) {
  const random = generator(5);
  return arrivals(random, 120, span).map((atMs, i) => ({
    atMs,
    segments: [
      { name: `instruction ${i}`, tokens: 40 },
      { name: `document ${i}`, tokens: 2_000 + Math.floor(random() * 8_000) },
    ],
  }));
}

function arrivals(random, meanSeconds, span) {
  const times = [];
  for (
    let atMs = exponential(random, meanSeconds) * 1_000;
    atMs < span;
    atMs += exponential(random, meanSeconds) * 1_000
  ) {
    times.push(Math.round(startMs + atMs));
  }
  return times;
}

const exponential = (random, mean) => -Math.log(1 - random()) * mean;

/** mulberry32 */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
