// What the result depends on: each lever switched off, each assumption at its low and its high end.
import { settingsOf } from './request-classes.mjs';
import { addMonths, monthOf } from './monthly-costs.mjs';

export const levers = ['cache', 'routing', 'prefix', 'batching'];

/** Assumptions of which less saves more. */
const worseWhenHigh = (name) =>
  name.startsWith('prefix_warm_alone_') ||
  ['semantic_audit_share', 'asked_twice_share', 'prefix_minimum_tokens'].includes(name);

/** All scenarios: `{ name, changes, off }`, the middle of everything first. */
export function scenariosOf(assumptions) {
  const ranged = Object.entries(assumptions).filter(([, { low, high, value }]) => low !== value || high !== value);
  const ends = (isGood) =>
    Object.fromEntries(ranged.map(([name, { low, high }]) => [name, worseWhenHigh(name) === isGood ? low : high]));
  return [
    { name: 'base', kind: 'base' },
    ...levers.map((lever) => ({ name: `without ${lever}`, kind: 'lever', off: [lever] })),
    { name: 'without any lever', kind: 'lever', off: levers },
    ...ranged.flatMap(([name, { low, high, value }]) =>
      [low, high]
        .filter((end) => end !== value)
        .map((end) => ({ name: `${name} ${end}`, kind: 'assumption', changes: { [name]: end } })),
    ),
    { name: 'everything at its worse end', kind: 'all', changes: ends(false) },
    { name: 'everything at its better end', kind: 'all', changes: ends(true) },
  ];
}

/** Months of all workloads in a scenario. */
export function computeMonths(library, catalog, inputs, scenario) {
  const settings = settingsOf(inputs.assumptions, scenario);
  const { prices_as_of: asOf } = inputs.assumptions;
  return inputs.workloads.map((workload) => monthOf(library, catalog, workload, settings, asOf));
}

/** The model: the base's months by workload and in total, every scenario's total, and what the infrastructure costs. */
export function computeModel(library, catalog, inputs) {
  const months = computeMonths(library, catalog, inputs, {});
  const infrastructure = inputs.infrastructure.reduce((sum, { monthlyNanoUsd }) => sum + monthlyNanoUsd, 0n);
  const scenarios = scenariosOf(inputs.assumptions).map((scenario) => ({
    ...scenario,
    total: addMonths(computeMonths(library, catalog, inputs, scenario)),
  }));
  return { months, total: addMonths(months), infrastructure, scenarios };
}
