// The figures for people: on the terminal, and between the marks of the README.
import { netsOf, percentOf, tenantsOf } from './tables.mjs';

/** Whole dollars with thousands apart; amounts below ten with cents. */
export function dollars(nanoUsd) {
  const absolute = nanoUsd < 0n ? -nanoUsd : nanoUsd;
  const isSmall = absolute < 10_000_000_000n;
  const step = isSmall ? 10_000_000n : 1_000_000_000n;
  const units = Number((absolute + step / 2n) / step);
  const text = isSmall ? (units / 100).toFixed(2) : units.toLocaleString('en-US');
  return `${nanoUsd < 0n ? '−' : ''}$${text}`;
}

const percent = (part, whole) => {
  const text = percentOf(part, whole);
  return text === '' ? '–' : `${Number(text).toFixed(1).replace('-', '−')} %`;
};
const count = (value) => value.toLocaleString('en-US');

function totalRows({ total, infrastructure }) {
  const { sums } = total;
  const { net, netDirect } = netsOf(total, infrastructure);
  const row = (what, amount) => [what, dollars(amount), percent(amount, sums.list)];
  return [
    row('naive: every request to the model asked, at list price', sums.list),
    row('saved by routing', sums.routing),
    row('saved by prefix', sums.prefix),
    row('saved by batching', sums.batching),
    row('saved by cache', sums.cache),
    row('paid to providers', sums.paid),
    row('infrastructure', infrastructure),
    row('**saved, net of infrastructure**', net),
    row('without Costlane, with what providers cache by themselves', sums.direct),
    ['**saved against that, net**', dollars(netDirect), `${percent(netDirect, sums.direct)} of that`],
  ];
}

const tenantRows = (model) =>
  tenantsOf(model).map(({ tenant, sum, infrastructure, net }) => [
    tenant,
    count(sum.requests),
    percent(BigInt(sum.exactHits + sum.semanticHits), BigInt(sum.requests)),
    dollars(sum.sums.list),
    dollars(sum.sums.routing),
    dollars(sum.sums.prefix),
    dollars(sum.sums.batching),
    dollars(sum.sums.cache),
    dollars(sum.sums.paid),
    dollars(infrastructure),
    percent(net, sum.sums.list),
  ]);

function scenarioRows({ scenarios, infrastructure }) {
  const base = netsOf(scenarios[0].total, infrastructure);
  return scenarios.map(({ name, total }) => {
    const { net, netDirect } = netsOf(total, infrastructure);
    return [
      name,
      dollars(total.sums.paid),
      dollars(net),
      percent(net, total.sums.list),
      percent(netDirect, total.sums.direct),
      dollars(net - base.net),
    ];
  });
}

const heads = {
  total: ['a month', 'dollars', 'of naive'],
  tenants: [
    'tenant',
    'requests',
    'from caches',
    'naive',
    'routing',
    'prefix',
    'batching',
    'cache',
    'paid',
    'infrastructure',
    'saved, net',
  ],
  scenarios: ['scenario', 'paid', 'saved, net', 'of naive', 'of the bill without Costlane', 'against base'],
};

const markdown = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function intro({ total }, { workloads, assumptions }) {
  const perDay = workloads.reduce((sum, workload) => sum + workload.requests_per_day, 0);
  const tenants = new Set(workloads.map(({ tenant }) => tenant)).size;
  return (
    `${tenants} tenants, ${workloads.length} workloads, ${count(perDay)} requests a day, ${count(total.requests)} a month; ` +
    `list prices of ${assumptions.prices_as_of}. ${percent(BigInt(total.exactHits + total.semanticHits), BigInt(total.requests))} are answered ` +
    `from caches; of ${count(total.calls)} calls of providers ${count(total.easy)} are by the easy model and ${count(total.batch)} through a Batch API; ` +
    `${count(total.askedTwice)} are asked again of the stronger model, ${count(total.audits)} audit semantic hits.`
  );
}

/** The generated part of the README, in Markdown (not formatted yet). */
export const renderMarkdown = (model, inputs) =>
  [
    intro(model, inputs),
    '',
    markdown(heads.total, totalRows(model)),
    '',
    '### By tenant',
    '',
    markdown(heads.tenants, tenantRows(model)),
    '',
    '### What it depends on',
    '',
    markdown(heads.scenarios, scenarioRows(model)),
  ].join('\n');

/** The same for a terminal, through `renderTable(head, rows)`. */
export const renderText = (model, inputs, renderTable) =>
  [
    intro(model, inputs),
    renderTable(
      heads.total,
      totalRows(model).map((row) => row.map((cell) => cell.replaceAll('**', ''))),
    ),
    renderTable(heads.tenants, tenantRows(model)),
    renderTable(heads.scenarios, scenarioRows(model)),
  ].join('\n\n');
