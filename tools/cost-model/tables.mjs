// The derived tables: exact dollars with nine decimals, in the order of the inputs.
import { csvOf } from './csv.mjs';
import { addMonths } from './monthly-costs.mjs';

/** Exact dollars of nano-dollars. */
export function usd(nanoUsd) {
  const absolute = nanoUsd < 0n ? -nanoUsd : nanoUsd;
  const fraction = String(absolute % 1_000_000_000n).padStart(9, '0');
  return `${nanoUsd < 0n ? '-' : ''}${absolute / 1_000_000_000n}.${fraction}`;
}

/** `part` of `whole` in per cent, two decimals, rounded toward zero from exact tenths of a thousandth. */
export const percentOf = (part, whole) => (whole === 0n ? '' : (Number((part * 100_000n) / whole) / 1_000).toFixed(2));

const moneyColumns = [
  'list_usd',
  'saved_cache_usd',
  'saved_routing_usd',
  'saved_prefix_usd',
  'saved_batching_usd',
  'paid_usd',
  'direct_usd',
];

const moneyOf = ({ list, cache, routing, prefix, batching, paid, direct }) => ({
  list_usd: usd(list),
  saved_cache_usd: usd(cache),
  saved_routing_usd: usd(routing),
  saved_prefix_usd: usd(prefix),
  saved_batching_usd: usd(batching),
  paid_usd: usd(paid),
  direct_usd: usd(direct),
});

const countColumns = ['requests', 'exact_hits', 'semantic_hits', 'provider_calls', 'batch_calls', 'easy_calls'];

const countsOf = ({ requests, exactHits, semanticHits, calls, batch, easy }) => ({
  requests,
  exact_hits: exactHits,
  semantic_hits: semanticHits,
  provider_calls: calls,
  batch_calls: batch,
  easy_calls: easy,
});

function workloadTable({ months }) {
  const rows = months.map((month) => {
    const total = addMonths([month]);
    return {
      tenant: month.workload.tenant,
      use_case: month.workload.use_case,
      ...countsOf(total),
      ...moneyOf(total.sums),
    };
  });
  return csvOf(['tenant', 'use_case', ...countColumns, ...moneyColumns], rows);
}

/** What each tenant has of the total; infrastructure by its share of the requests, the rest of the division to the last. */
export function tenantsOf({ months, total, infrastructure }) {
  const tenants = [...new Set(months.map(({ workload }) => workload.tenant))];
  let left = infrastructure;
  return tenants.map((tenant, at) => {
    const sum = addMonths(months.filter(({ workload }) => workload.tenant === tenant));
    const share =
      at === tenants.length - 1 || total.requests === 0
        ? left
        : (infrastructure * BigInt(sum.requests)) / BigInt(total.requests);
    left -= share;
    return { tenant, sum, infrastructure: share, net: sum.sums.saved - share };
  });
}

const tenantTable = (model) =>
  csvOf(
    ['tenant', ...countColumns, ...moneyColumns, 'infrastructure_usd', 'net_saved_usd', 'net_saved_percent'],
    tenantsOf(model).map(({ tenant, sum, infrastructure, net }) => ({
      tenant,
      ...countsOf(sum),
      ...moneyOf(sum.sums),
      infrastructure_usd: usd(infrastructure),
      net_saved_usd: usd(net),
      net_saved_percent: percentOf(net, sum.sums.list),
    })),
  );

/** The nets of a total: against list prices, and against what a bill without Costlane would say. */
export const netsOf = ({ sums }, infrastructure) => ({
  net: sums.list - sums.paid - infrastructure,
  netDirect: sums.direct - sums.paid - infrastructure,
});

const sensitivityTable = ({ scenarios, infrastructure }) =>
  csvOf(
    [
      'scenario',
      'kind',
      ...moneyColumns,
      'net_saved_usd',
      'net_saved_percent',
      'net_of_direct_usd',
      'net_of_direct_percent',
    ],
    scenarios.map(({ name, kind, total }) => {
      const { net, netDirect } = netsOf(total, infrastructure);
      return {
        scenario: name,
        kind,
        ...moneyOf(total.sums),
        net_saved_usd: usd(net),
        net_saved_percent: percentOf(net, total.sums.list),
        net_of_direct_usd: usd(netDirect),
        net_of_direct_percent: percentOf(netDirect, total.sums.direct),
      };
    }),
  );

function summaryTable({ total, infrastructure }) {
  const { sums } = total;
  const { net, netDirect } = netsOf(total, infrastructure);
  const rows = [
    ['requests a month', total.requests, 'requests'],
    ['answered by the exact cache', total.exactHits, 'requests'],
    ['answered by the semantic cache', total.semanticHits, 'requests'],
    ['calls of providers', total.calls, 'calls'],
    ['of which through a Batch API', total.batch, 'calls'],
    ['of which by the easy model', total.easy, 'calls'],
    ['asked twice', total.askedTwice, 'calls'],
    ['audits of semantic hits', total.audits, 'calls'],
    ['naive: everything to the model asked, at list price', usd(sums.list), 'USD'],
    ['saved by cache', usd(sums.cache), 'USD'],
    ['saved by routing', usd(sums.routing), 'USD'],
    ['saved by prefix', usd(sums.prefix), 'USD'],
    ['saved by batching', usd(sums.batching), 'USD'],
    ['paid to providers', usd(sums.paid), 'USD'],
    ['infrastructure', usd(infrastructure), 'USD'],
    ['saved, net of infrastructure', usd(net), 'USD'],
    ['saved, net of infrastructure', percentOf(net, sums.list), '% of naive'],
    ['without Costlane, with what providers cache by themselves', usd(sums.direct), 'USD'],
    ['saved against that, net of infrastructure', usd(netDirect), 'USD'],
    ['saved against that, net of infrastructure', percentOf(netDirect, sums.direct), '% of that'],
  ];
  return csvOf(
    ['figure', 'value', 'unit'],
    rows.map(([figure, value, unit]) => ({ figure, value, unit })),
  );
}

/** The list prices of every model of the workloads, US dollars per million tokens, with where they are from. */
export function priceTable(library, catalog, { workloads, assumptions }) {
  const asOf = assumptions.prices_as_of;
  const models = new Map();
  for (const { provider, model, easy_provider: easyProvider, easy_model: easyModel } of workloads) {
    models.set(`${provider} ${model}`, { provider, model });
    models.set(`${easyProvider} ${easyModel}`, { provider: easyProvider, model: easyModel });
  }
  const rows = [...models.values()].map(({ provider, model }) => {
    const found = catalog.find({ provider, model, at: Date.parse(asOf) });
    if (!found.ok) throw new Error(`There is no list price of ${provider} ${model} on ${asOf}.`);
    const { perMillion, batchDiscount, priceVersion } = found.value.price;
    return {
      provider,
      model,
      input: perMillion.freshInput,
      cached_input: perMillion.cacheRead,
      cache_write: perMillion.cacheWriteShort,
      output: perMillion.output,
      batch_discount: batchDiscount ?? '0',
      in_force_on: asOf,
      list: priceVersion,
      page: library.pricePagesOf(provider)[0] ?? '',
    };
  });
  rows.sort((a, b) => (a.provider + a.model < b.provider + b.model ? -1 : 1));
  const columns = ['input', 'cached_input', 'cache_write', 'output', 'batch_discount', 'in_force_on', 'list', 'page'];
  return csvOf(['provider', 'model', ...columns], rows);
}

/** All derived files: text by name. */
export const tablesOf = (library, catalog, inputs, model) => ({
  'prices.csv': priceTable(library, catalog, inputs),
  'by-workload.csv': workloadTable(model),
  'by-tenant.csv': tenantTable(model),
  'sensitivity.csv': sensitivityTable(model),
  'summary.csv': summaryTable(model),
});
