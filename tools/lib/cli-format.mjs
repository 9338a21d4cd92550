// How figures look on a terminal: dollars, shares, counts and times in aligned tables.
import { plainText, renderTable } from './terminal-table.mjs';

const nano = 1_000_000_000n;

/** Nano-dollars of an exact amount such as `-12.000000001`; undefined for what is none. */
export function nanoUsdOf(text) {
  const match = /^(-)?(\d+)(?:\.(\d{1,9}))?$/.exec(String(text));
  if (!match) return undefined;
  const amount = BigInt(match[2]) * nano + BigInt((match[3] ?? '').padEnd(9, '0'));
  return match[1] ? -amount : amount;
}

const absolute = (amount) => (amount < 0n ? -amount : amount);

/** Decimals that show the largest of some amounts well: two from a dollar on, four from a cent on, else six. */
export function decimalsFor(amounts) {
  const largest = amounts.reduce((most, amount) => (absolute(amount) > most ? absolute(amount) : most), 0n);
  if (largest >= nano || largest === 0n) return 2;
  return largest >= nano / 100n ? 4 : 6;
}

/**
 * Dollars with so many decimals, rounded half away from zero. What is not nothing is never shown as nothing: `<$0.01`. Negative amounts
 * have their sign before the dollar.
 */
export function dollars(amount, decimals = 2) {
  const step = 10n ** BigInt(9 - decimals);
  const units = (absolute(amount) + step / 2n) / step;
  const sign = amount < 0n ? '−' : '';
  if (units === 0n && amount !== 0n) return `${sign}<$${(10 ** -decimals).toFixed(decimals)}`;
  const scale = 10n ** BigInt(decimals);
  const whole = (units / scale).toLocaleString('en-US');
  const fraction = decimals === 0 ? '' : `.${String(units % scale).padStart(decimals, '0')}`;
  return `${sign}$${whole}${fraction}`;
}

/** A share of 1 in per cent; what rounds to nothing has no sign. */
export function percent(share) {
  if (share === null || share === undefined) return '–';
  const text = (Number(share) * 100).toFixed(1);
  return `${Number(text) === 0 ? '0.0' : text.replace('-', '−')} %`;
}

/** Numbers with thousands apart, and decimals where they say something. */
export const count = (value) =>
  typeof value === 'number'
    ? value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0 }).replace('-', '−')
    : String(value ?? '–');

/** A moment to the minute, in UTC. */
export const minute = (text) =>
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(String(text))
    ? String(text).slice(0, 16).replace('T', ' ')
    : String(text ?? '');

const isUsd = (name) => name === 'usd' || name.endsWith('_usd');
const isNanoUsd = (name) => name.endsWith('_nano_usd');
const isShare = (name) => /_(share|rate)$|(^|_)share_of_|^(share|roi_share|chance_exceeded)$/.test(name);
const isTime = (name) => /(^|_)(at|from|to|until|since|hour|start|end|seen)$/.test(name);

/** The words of a column: `savings_cache_usd` is `savings cache`. */
export const titleOf = (name) => name.replace(/_(nano_)?usd$/, '').replaceAll('_', ' ');

/** The cells of a column as texts, by what its name says they are. */
export function formatColumn(name, values) {
  if (isUsd(name)) {
    const amounts = values.map((value) =>
      value === null || value === undefined ? undefined : isNanoUsd(name) ? BigInt(value) : nanoUsdOf(value),
    );
    const decimals = decimalsFor(amounts.filter((amount) => amount !== undefined));
    return values.map((value, at) =>
      amounts[at] === undefined ? String(value ?? '–') : dollars(amounts[at], decimals),
    );
  }
  if (isShare(name)) return values.map(percent);
  if (isTime(name)) return values.map(minute);
  if (name.endsWith('_ms'))
    return values.map((value) => (value === null || value === undefined ? '–' : count(Math.round(value))));
  return values.map((value) =>
    value === null || value === undefined ? '–' : typeof value === 'number' ? count(value) : String(value),
  );
}

/**
 * A table of rows by the names of columns; a name may stand with a title of its own: `['paid_usd', 'paid']`. `options` as of `renderTable`.
 */
export function tableOf(columns, rows, options) {
  const named = columns.map((column) => (Array.isArray(column) ? column : [column, titleOf(column)]));
  const texts = named.map(([name]) =>
    formatColumn(
      name,
      rows.map((row) => row[name]),
    ),
  );
  const cells = rows.map((_, at) => texts.map((column) => column[at]));
  return renderTable(
    named.map(([, title]) => title),
    cells,
    options,
  );
}

/** Names and values below each other. */
export function factsOf(record, options) {
  const rows = Object.entries(record)
    .filter(([, value]) => value === null || typeof value !== 'object')
    .map(([name, value]) => [titleOf(name), plainText(formatColumn(name, [value])[0])]);
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return options?.asRows ? rows : rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
