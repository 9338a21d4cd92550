// What the command may be asked.
import { parseArgs } from 'node:util';

const usage = `npm run eval:anomaly -- [--seeds N] [--first N] [--workers N] [--feedback] [--json] [--report FILE]

  --seeds     worlds of 90 days and 8 tenants; default 3
  --first     the seed of the first; default 101. Thresholds were chosen on seeds below 100
  --workers   worlds at a time; default 1
  --feedback  every incident is judged after four hours, as somebody who looks after alerts would
  --json      the figures as JSON
  --report    a file for the report as Markdown`;

const whole = (name, text, least, most) => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`--${name} must be a whole number from ${least} to ${most}.\n\n${usage}`);
};

export function readOptions(argv) {
  const options = {
    seeds: { type: 'string', default: '3' },
    first: { type: 'string', default: '101' },
    workers: { type: 'string', default: '1' },
    feedback: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    report: { type: 'string' },
  };
  let values;
  try {
    ({ values } = parseArgs({ args: argv, options, strict: true, allowPositionals: false }));
  } catch (error) {
    throw new Error(`${error.message}\n\n${usage}`, { cause: error });
  }
  return {
    ...values,
    seeds: whole('seeds', values.seeds, 1, 100),
    first: whole('first', values.first, 1, 1_000_000),
    workers: whole('workers', values.workers, 1, 64),
  };
}
