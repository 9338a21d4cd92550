// Options that several commands have, and readers of their values that refuse in a sentence.

/** `--url` and `--json`. */
export const withUrl = (command) =>
  command
    .option('--url <address>', "the gateway's address (default: the system that runs from this checkout)")
    .option('--json', 'print JSON');

/** `--from`, `--to` and `--tenant`. */
export const withRange = (command) =>
  command
    .option('--from <time>', 'from this day or full hour on, in UTC: 2026-11-01 or 2026-11-01T08:00:00Z')
    .option('--to <time>', 'and before this one')
    .option('--tenant <id>', "one tenant (default: all that the key's role may see)");

/** An exact amount of dollars as it stands, for a body. Throws a sentence that names the option. */
export function amountOf(option, text) {
  if (/^-?\d{1,9}(\.\d{1,9})?$/.test(text)) return text;
  throw new Error(`${option} has to be an amount of dollars such as 250 or 12.50, not "${text}".`);
}

/** A day as `YYYY-MM-DD`. */
export function dayOf(option, text) {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && isInCalendar(text)) return text;
  throw new Error(`${option} has to be a day such as 2026-11-27, not "${text}".`);
}

function isInCalendar(day) {
  const time = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(day);
}

/** A moment as RFC 3339; a day is its beginning in UTC. */
export function momentOf(option, text) {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const time = new Date(isDay ? `${text}T00:00:00Z` : text);
  if (!Number.isNaN(time.getTime()) && /^\d{4}-\d{2}-\d{2}/.test(text)) return time.toISOString();
  throw new Error(`${option} has to be a day or a time such as 2026-11-27 or 2026-11-27T08:00:00Z, not "${text}".`);
}

/** One of some words. */
export function oneOf(option, text, allowed) {
  if (text === undefined || allowed.includes(text)) return text;
  throw new Error(`${option} has to be ${allowed.slice(0, -1).join(', ')} or ${allowed.at(-1)}, not "${text}".`);
}

/** A whole number from `least` to `most`; undefined stays so. */
export function wholeOf(option, text, least, most) {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${option} has to be a whole number from ${least} to ${most}, not "${text}".`);
}

/** Only what was given. */
export const given = (record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));

/** Examples below a command's help. */
export const withExamples = (command, ...lines) =>
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ npx costlane ${line}`).join('\n')}`);
