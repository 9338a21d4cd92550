// What the cost model starts from: workloads, assumptions and infrastructure, each a CSV file that anybody can edit.
import path from 'node:path';
import { readTable } from './csv.mjs';

const shares = ['stream_share', 'prefix_share', 'repeat_share', 'near_repeat_share', 'easy_share', 'deadline_share'];
const counts = ['requests_per_day', 'input_tokens', 'output_tokens'];
const texts = ['tenant', 'use_case', 'provider', 'model', 'easy_provider', 'easy_model'];

/** Factors on shares of the workloads; every other assumption is a share itself. */
const scales = ['repeat_scale', 'near_repeat_scale', 'easy_scale'];
const shareNames = [
  'semantic_found_share',
  'semantic_audit_share',
  'asked_twice_share',
  'prefix_warm_share',
  'batch_share',
];
const mostRequestsPerDay = 1_000_000_000;
const mostTokens = 10_000_000;

function number(record, column, where, least, most, isWhole = false) {
  const text = record[column]?.trim() ?? '';
  const value = text === '' ? NaN : Number(text);
  if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
  const kind = isWhole ? 'a whole number' : 'a number';
  throw new Error(`${where}: ${column} has to be ${kind} from ${least} to ${most}, not "${record[column] ?? ''}"`);
}

function workloadOf(record, where) {
  const workload = { why: record.why ?? '' };
  for (const column of texts) {
    if (!record[column]?.trim()) throw new Error(`${where}: ${column} is empty`);
    workload[column] = record[column].trim();
  }
  for (const column of counts)
    workload[column] = number(
      record,
      column,
      where,
      column === 'requests_per_day' ? 0 : 1,
      column === 'requests_per_day' ? mostRequestsPerDay : mostTokens,
      true,
    );
  for (const column of shares) workload[column] = number(record, column, where, 0, 1);
  if (workload.repeat_share + workload.near_repeat_share > 1)
    throw new Error(`${where}: repeat_share and near_repeat_share are more than 1 together`);
  return workload;
}

/** `{ value, low, high }` of an assumption; low and high are the value where they are empty. */
function assumptionOf(record, where) {
  const { name } = record;
  if (name === 'prices_as_of') {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(record.value) || Number.isNaN(Date.parse(record.value)))
      throw new Error(`${where}: value has to be a day such as 2026-11-27, not "${record.value}"`);
    return record.value;
  }
  const limits = { days_per_month: [1, 31], prefix_minimum_tokens: [0, mostTokens] };
  const [least, most] = limits[name] ?? (scales.includes(name) ? [0, 100] : [0, 1]);
  const read = (column) => number(record, column, where, least, most, name in limits);
  const or = (column) => (record[column]?.trim() ? read(column) : read('value'));
  return { value: read('value'), low: or('low'), high: or('high') };
}

function assumptionsOf(records, file) {
  const assumptions = {};
  for (const [at, record] of records.entries()) {
    const { name } = record;
    const isKnown =
      ['prices_as_of', 'days_per_month', 'prefix_minimum_tokens', ...scales, ...shareNames].includes(name) ||
      /^prefix_warm_alone_[a-z0-9-]+$/.test(name);
    if (!isKnown) throw new Error(`${file}: record ${at + 1}: there is no assumption of the name "${name}"`);
    assumptions[name] = assumptionOf(record, `${file}: record ${at + 1} (${name})`);
  }
  for (const name of ['prices_as_of', 'days_per_month', 'prefix_minimum_tokens', ...scales, ...shareNames])
    if (assumptions[name] === undefined) throw new Error(`${file}: "${name}" is missing`);
  return assumptions;
}

function itemOf(record, where, toNanoUsd) {
  const quantity = number(record, 'quantity', where, 0, 1e9);
  const units = number(record, 'units_per_month', where, 0, 1e9);
  const priceNanoUsd = toNanoUsd(record.price_usd, where);
  // Quantities may be fractions of a unit: the one rounding of an item, to a nano-dollar.
  const monthlyNanoUsd = BigInt(Math.round(priceNanoUsd * quantity * units));
  return { ...record, monthlyNanoUsd };
}

/**
 * The inputs in a folder: `{ workloads, assumptions, infrastructure }`. Throws one sentence that names file, record and column.
 * `parseUsd` reads an exact amount of dollars.
 */
export function readInputs(folder, parseUsd) {
  const file = (name) => path.join(folder, name);
  const toNanoUsd = (text, where) => {
    try {
      return parseUsd(text?.trim() ?? '');
    } catch {
      throw new Error(`${where}: price_usd has to be an amount such as 0.04048, not "${text ?? ''}"`);
    }
  };
  const workloads = readTable(file('workloads.csv')).map((record, at) =>
    workloadOf(record, `${file('workloads.csv')}: record ${at + 1}`),
  );
  const infrastructure = readTable(file('infrastructure.csv')).map((record, at) =>
    itemOf(record, `${file('infrastructure.csv')}: record ${at + 1}`, toNanoUsd),
  );
  const listed = readTable(file('assumptions.csv'));
  return { workloads, assumptions: assumptionsOf(listed, file('assumptions.csv')), listed, infrastructure };
}
