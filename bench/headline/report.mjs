// The headline benchmark's figures as Markdown.
import { doubtsOf, goals } from './phases.mjs';
import { hitTiers } from './outcomes.mjs';
import { predictedQuality } from './quality.mjs';
import { difficulties } from './workload.mjs';

const ms = (value) => (value === undefined ? '' : value < 10 ? value.toFixed(1) : value.toFixed(0));
const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;
const usd = (value) => `$${value.toFixed(2)}`;
const row = (...cells) => `| ${cells.join(' | ')} |`;
const head = (...cells) => [row(...cells), row(...cells.map(() => '---'))];
const told = (counts) =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || 'none';
const met = (isMet) => (isMet ? '' : ' (missed)');
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const latency = (name, { count, p50Ms, p95Ms, p99Ms, maxMs }) =>
  row(name, count, ms(p50Ms), ms(p95Ms), ms(p99Ms), ms(maxMs));

function summary({ naive, open, cost, burst, limit }) {
  const lines = [...head('', 'naive', 'Costlane')];
  if (open) {
    const tier = (name) => open.tiers[name] ?? 0;
    const hits = sum(hitTiers.map(tier)) + tier('coalesced');
    const perSecond = ({ answeredPerSecond }) => answeredPerSecond.toFixed(0);
    lines.push(
      row(
        'requests answered a second',
        naive ? perSecond(naive) : '',
        `${perSecond(open)} of ${open.ratePerSecond} offered`,
      ),
    );
    lines.push(row('answered', naive ? `${naive.answered} of ${naive.sent}` : '', `${open.answered} of ${open.sent}`));
    lines.push(
      row(
        'p50, p95, p99 of all, ms',
        naive ? [naive.all.p50Ms, naive.all.p95Ms, naive.all.p99Ms].map(ms).join(', ') : '',
        [open.all.p50Ms, open.all.p95Ms, open.all.p99Ms].map(ms).join(', '),
      ),
    );
    lines.push(
      row('p95 of hits, ms (goal: below 100)', '', `${ms(open.hits.p95Ms)}${met(open.hits.p95Ms < goals.hitsP95Ms)}`),
    );
    lines.push(
      row(
        'not asked of a provider (goal: 63 %)',
        naive ? '0 %' : '',
        `${percent(hits / open.answered)}${met(hits / open.answered >= goals.hitShare)}`,
      ),
    );
    const wrong = sum(Object.values(open.wrong));
    lines.push(
      row(
        'answers to another question',
        '',
        `${wrong} (${percent(wrong / Math.max(1, tier('semantic')), 2)} of semantic hits)${open.unknownTopics > 0 ? `; ${open.unknownTopics} say nothing of it` : ''}`,
      ),
    );
  }
  return [...lines, ...otherGoals({ cost, burst, limit })];
}

function otherGoals({ cost, burst, limit }) {
  const lines = [];
  if (cost) {
    lines.push(
      row(
        'cost of the same requests',
        `${usd(cost.naive.discountedUsd)} (${usd(cost.naive.listUsd)} at list price)`,
        usd(cost.paidUsd),
      ),
    );
    lines.push(row('saved (goal: 65 %)', '', `${percent(cost.saved)}${met(cost.saved >= goals.costSaved)}`));
  }
  if (burst) {
    const lost = burst.failed + burst.unanswered;
    lines.push(
      row(
        `${burst.requests} at once`,
        '',
        `${lost} lost, ${burst.refusals.told} told to come back later, all answered after ${burst.seconds.toFixed(1)} s`,
      ),
    );
  }
  if (limit) {
    const { highest } = limit;
    lines.push(
      row(
        'highest rate with p95 of hits below 100 ms',
        '',
        highest ? `${highest.ratePerSecond} a second` : 'none that was tried',
      ),
    );
  }
  return lines;
}

const byDifficulty = ([one], [other]) => difficulties.indexOf(one) - difficulties.indexOf(other);

function openTables({ open }) {
  const order = ['memory', 'exact', 'semantic', 'coalesced', 'miss'].filter((tier) => open.byTier[tier]);
  const lines = ['', ...head('latency from when a request was due, ms', 'requests', 'p50', 'p95', 'p99', 'max')];
  for (const tier of order)
    lines.push(latency(`${tier}, ${percent(open.byTier[tier].count / open.answered)}`, open.byTier[tier]));
  lines.push(latency('hits (memory, exact, semantic)', open.hits), latency('all', open.all));
  const names = [...new Set(Object.values(open.models).flatMap((counts) => Object.keys(counts)))].sort();
  lines.push(
    '',
    ...head('asked, by the workload’s own label', 'requests', ...names.map((name) => `answer by ${name}`)),
  );
  for (const [difficulty, counts] of Object.entries(open.models).sort(byDifficulty)) {
    const total = sum(Object.values(counts));
    lines.push(row(difficulty, total, ...names.map((name) => percent((counts[name] ?? 0) / total))));
  }
  return lines;
}

function costTables({ open, cost }) {
  const { ledger } = open;
  const { tokens } = cost.naive;
  const lines = ['', ...head('from the ledger', 'dollars', 'of the baseline')];
  const share = (value) => percent(value / ledger.baselineUsd);
  lines.push(row('baseline: all to mock-premium at list price', usd(ledger.baselineUsd), ''));
  for (const name of ['cache', 'routing', 'prefix', 'batching'])
    lines.push(row(`saved by ${name}`, usd(ledger[`${name}Usd`]), share(ledger[`${name}Usd`])));
  lines.push(row('paid', usd(ledger.paidUsd), share(ledger.paidUsd)));
  lines.push(
    '',
    `${ledger.records} records of ${open.answered} answers${ledger.isComplete ? '' : ' (INCOMPLETE)'}, ${ledger.calls} calls of a provider. The naive client’s cost is worked out from its tokens ` +
      `(${tokens.prompt} of prompts, of which ${tokens.cached} from the provider’s own cache at a tenth, ${tokens.output} of answers), not from the ledger.`,
  );
  const { quality, qualityOfBest, right, rightOfBest, atRisk } = predictedQuality({
    counts: open.models,
    choices: ledger.choices,
  });
  lines.push(
    '',
    `Predicted quality, for the mock has none: by the qualities that the catalogue assumes of its models ${quality.toFixed(3)} against ${qualityOfBest} (${percent(quality / qualityOfBest)} kept); ` +
      `by the abilities that \`npm run eval\` assumes ${percent(right)} right answers against ${percent(rightOfBest)} (${percent(right / rightOfBest)} kept); by the router’s own predictor, which knows real models and exam questions, ` +
      `${percent(atRisk)} of the calls went to a cheaper model where only a stronger one would do.`,
  );
  return lines;
}

function machineTables({ open, burst, limit }) {
  const lines = [];
  if (open) {
    const used = Object.entries(open.cpuSeconds).map(([name, seconds]) => [name, seconds / open.seconds]);
    used.push(['load generator', open.self.cpuShare]);
    lines.push('', ...head('', ...used.map(([name]) => name), 'all'));
    const spread = (figure, digits) =>
      [...used.map(([, cores]) => figure(cores)), figure(sum(used.map(([, cores]) => cores)))].map((value) =>
        value.toFixed(digits),
      );
    lines.push(row('cores used', ...spread((cores) => cores, 2)));
    lines.push(row('CPU µs a request', ...spread((cores) => (cores * open.seconds * 1e6) / open.answered, 0)));
    const names = Object.keys(open.memory);
    lines.push('', ...head('most resident memory, MiB', ...names));
    lines.push(row(`at ${open.ratePerSecond} a second`, ...names.map((name) => open.memory[name].toFixed(0))));
    if (burst) lines.push(row(`with ${burst.requests} at once`, ...names.map((name) => burst.memory[name].toFixed(0))));
  }
  if (limit) {
    lines.push(
      '',
      ...head(
        'rate tried',
        'p95 of hits, ms',
        'p99',
        'p95 of misses',
        'hits',
        'failed',
        'generator’s share of a core',
        'held',
      ),
    );
    for (const step of [...limit.steps].sort((a, b) => a.ratePerSecond - b.ratePerSecond)) {
      const { hits, misses, self } = step;
      lines.push(
        row(
          step.ratePerSecond,
          ms(hits.p95Ms),
          ms(hits.p99Ms),
          ms(misses.p95Ms),
          percent(hits.count / Math.max(1, step.all.count)),
          step.failed + step.unanswered,
          percent(self.cpuShare, 0),
          step.isSustained ? 'yes' : (step.doubts ?? 'no'),
        ),
      );
    }
  }
  return lines;
}

/** Whatever of the run’s figures are there. */
export function renderHeadline(run) {
  const { naive, open, cost, burst, seed, ceiling, machine, seconds, restarts = 0, tuned = [] } = run;
  const doubts = [naive, open].filter(Boolean).map(doubtsOf).filter(Boolean);
  const lines = [
    `${new Date().toISOString().slice(0, 10)}; ${machine}; seed ${seed}, ${seconds} s${tuned.length > 0 ? `; ${tuned.join(', ')}` : ''}.`,
    '',
  ];
  if (restarts > 0) lines.push(`**${restarts} times a service had to be started again.**`, '');
  if (doubts.length > 0) lines.push(`**The load generator did not keep up: ${doubts.join('; ')}.**`, '');
  lines.push(...summary(run));
  if (open) {
    lines.push(
      '',
      `Of the ${open.sent} requests ${percent(ceiling.firstOfIntent)} were the first of their intent, ${percent(ceiling.otherWords)} came in other words and ${percent(ceiling.sameWords)} in the same words as before: a cache that knows all would answer ${percent(1 - ceiling.firstOfIntent)}, an exact one ${percent(ceiling.sameWords)}.`,
    );
    lines.push(...openTables(run));
    if (cost) lines.push(...costTables(run));
    lines.push(
      '',
      `The generator sent ${ms(open.self.lateP50Ms)} ms (p50) and ${ms(open.self.lateP99Ms)} ms (p99) after a request was due, which is part of every latency; ${open.connections} connections, ${open.mostInFlight} requests in flight at the most, ${open.waitedForConnection} waited for a free connection. Look-ups of like questions: ${told(open.gateway.semanticLookUps)}; gone on without: ${told(open.gateway.fallbacks)}.`,
    );
  }
  if (burst) {
    const { refusals } = burst;
    lines.push(
      '',
      `${burst.requests} requests at once over ${burst.connections} connections: p50 ${ms(burst.all.p50Ms)} ms, p95 ${ms(burst.all.p95Ms)} ms, last after ${burst.seconds.toFixed(1)} s; ${refusals.told} answers 429 or 503, ${refusals.withoutHint} of them without Retry-After, ${refusals.askedAgain} asked again; ${burst.brokenConnections} connections broke. Failures: ${JSON.stringify(burst.errors)}.`,
    );
  }
  lines.push(...machineTables(run));
  return lines.join('\n');
}
