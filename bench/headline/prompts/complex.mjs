// Work that takes thought: designs with many conditions, proofs, assessments. Each combination of slots is a question of its own.
import { list } from './list.mjs';

const systems =
  list(`rate limiter for a public API|job scheduler|event store|feature flag service|full-text search service|chat backend|
ledger of payments|session store|leaderboard of a game|file synchronisation service|notification service|metrics pipeline|
configuration service|image processing service|booking system for seats|collaborative text editor|cache of rendered pages|audit log`);

const loads = list(`20,000 requests per second in one region|200,000 requests per second across five regions|
50 million devices that are mostly offline|a hundred tenants of very different size|traffic that grows tenfold within a minute`);

const conditions =
  list(`the loss of a whole region|a network partition of ten minutes|clocks that differ by up to a second|
the rolling upgrade of every node|an operator who deletes a table by mistake|a dependency that answers after thirty seconds`);

const theorems =
  list(`there are infinitely many primes congruent to 3 modulo 4|the square root of a prime is irrational|
every continuous function on a closed interval is uniformly continuous|a finite integral domain is a field|
the harmonic series diverges while the sum of the inverse squares converges|every tree with n vertices has n - 1 edges|
a bounded monotone sequence converges|the group of units modulo a prime is cyclic|every bipartite graph has no odd cycle|
the sum of the angles of a convex n-gon is (n - 2) times 180 degrees|there are uncountably many real numbers|
every permutation is a product of disjoint cycles|the arithmetic mean is at least the geometric mean|
a compact subset of a metric space is closed and bounded`);

const lengths =
  list(`for a course in analysis|for a mathematics competition|for a textbook of discrete mathematics|for an oral examination|
for readers who know only school mathematics|for a formal proof assistant`);

const companies =
  list(`a maker of electric vans|a chain of bakeries|a hospital group|a regional bank|a producer of solar panels|
a publisher of school books|an airline with twelve aircraft|a cooperative of dairy farmers|a maker of hearing aids|a parcel service|
a software company with forty employees|a brewery`);

const regions = list(
  `Southeast Asia|the Nordic countries|Brazil|Central Europe|Canada|East Africa|India|the Gulf states|Mexico|Australia`,
);

const harms =
  list(`loses three of its largest customers|has to recall its main product|is offered a merger by its closest competitor|
sees the price of its raw material double|is accused of violating data protection law`);

const symptoms = list(`an intermittent deadlock under load|memory that grows for six hours and then falls|
duplicate charges after a failover|latency that doubles every full hour|messages that are processed out of order|
a cache whose hit rate collapses after each deployment|a consumer that stops without an error|
reads that return older values than those written a second before|connections that pile up in CLOSE_WAIT|a query plan that changes at night`);

const stacks = list(`a Go service with PostgreSQL|a Java application with Kafka|a Node.js gateway in front of Redis|
a Rust service with RocksDB|a Python application with Celery and RabbitMQ|a .NET service with SQL Server|
a Kotlin service with Cassandra|an Elixir cluster with Mnesia`);

const limits = list(
  `a team of three engineers|a budget of 10,000 dollars a month|a deadline of four months|hardware that is already bought`,
);

const goals = list(`its supervisory board|its bank|its works council|a potential investor`);

const urgencies =
  list(`it happens once a week|it began after the last release|it affects one customer in fifty|it cannot be reproduced locally|
it disappears when logging is switched on`);

const methods = list(
  `by contradiction|by induction where that is possible|without the axiom of choice|in a constructive way|as briefly as rigour allows`,
);

export const complexFamilies = [
  {
    app: 'architect',
    slots: [systems, loads, conditions, limits],
    wordings: [
      ([system, load, condition, limit]) =>
        `Design a distributed ${system} for ${load}. It must survive ${condition} without losing acknowledged writes, with ${limit}. Compare at least two architectures, analyse the trade-offs between consistency, latency and cost, describe the data structures and the failure modes, justify your choice, and explain step by step how you would test and migrate to it.`,
      ([system, load, condition, limit]) =>
        `We need a distributed ${system} for ${load}, which must survive ${condition} without losing acknowledged writes, with ${limit}. Compare at least two architectures for it, analyse the trade-offs between consistency, latency and cost, describe data structures and failure modes, justify your choice, and explain step by step how you would test it and migrate to it.`,
      ([system, load, condition, limit]) =>
        `Design, for ${load}, a distributed ${system} that must survive ${condition} without the loss of acknowledged writes, and with ${limit}. Compare at least two architectures and analyse the trade-offs between consistency, latency and cost; describe the data structures and failure modes; justify the choice; explain step by step how you would test and migrate to it.`,
    ],
  },
  {
    app: 'tutor',
    slots: [theorems, lengths, methods],
    wordings: [
      ([theorem, reader, method]) =>
        `Prove ${method} that ${theorem}, ${reader}. Justify every step, state each assumption and lemma that you use, analyse where the argument would fail if one of the assumptions were dropped, construct a counterexample for that case, and compare the proof with a second, essentially different one.`,
      ([theorem, reader, method]) =>
        `Give a proof ${method}, ${reader}, that ${theorem}. Justify every step and state each assumption and lemma that you use; analyse where the argument would fail if one of the assumptions were dropped and construct a counterexample for that case; compare the proof with a second, essentially different one.`,
    ],
  },
  {
    app: 'analyst',
    slots: [companies, regions, harms, goals],
    wordings: [
      ([company, region, harm, goal]) =>
        `In ${region}, ${company} ${harm}. For ${goal}, analyse the strategic, legal and financial consequences, develop three scenarios with quantified risks and their probabilities, evaluate at least four options against explicit criteria, justify a recommendation, and derive a plan for eighteen months with budget, milestones and early warning signs.`,
      ([company, region, harm, goal]) =>
        `Suppose that ${company} in ${region} ${harm}. For ${goal}, analyse the strategic, legal and financial consequences; develop three scenarios with quantified risks and probabilities; evaluate at least four options against explicit criteria; justify a recommendation and derive a plan for eighteen months with budget, milestones and early warning signs.`,
    ],
  },
  {
    app: 'architect',
    slots: [stacks, symptoms, urgencies],
    wordings: [
      ([stack, symptom, urgency]) =>
        `Debug ${symptom} in ${stack}; ${urgency}. Analyse the possible causes and interleavings step by step, explain which measurements would distinguish between them, propose two redesigns, compare their performance, complexity and failure behaviour, and write a test that reproduces the problem deterministically.`,
      ([stack, symptom, urgency]) =>
        `In ${stack} we see ${symptom}, and ${urgency}. Debug it: analyse the possible causes and interleavings step by step, explain which measurements would distinguish between them, propose two redesigns and compare their performance, complexity and failure behaviour, and write a test that reproduces the problem deterministically.`,
    ],
  },
];
