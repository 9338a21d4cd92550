export const usage = `npm run chaos -- [options]
npm run chaos -- jobs [options]   (--help tells which)
npm run chaos -- ledger [options]

  --seconds N      how long requests are made (default 60, at least 15)
  --clients N      so many ask at the same time, each one question after the other (default 16)
  --deadline-ms N  what each request says it has (default 30000)
  --seed N         who fails when and how, and what is asked, follows from it (default 1)
  --goal N         share of the requests that has to be answered (default 0.999)
  --keep FOLDER    the services' logs are kept there
  --json           one JSON document on standard output instead of the tables`;

export const optionTable = {
  seconds: { type: 'string', default: '60' },
  clients: { type: 'string', default: '16' },
  'deadline-ms': { type: 'string', default: '30000' },
  seed: { type: 'string', default: '1' },
  goal: { type: 'string', default: '0.999' },
  keep: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

function numberOf(options, name, { least, most, isWhole = true }) {
  const value = options[name].trim() === '' ? NaN : Number(options[name]);
  if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
  throw new Error(
    `--${name} has to be a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}, not "${options[name]}"`,
  );
}

/** Options as numbers. Throws a sentence that names the option. */
export const settingsOf = (options) => ({
  seconds: numberOf(options, 'seconds', { least: 15, most: 3_600 }),
  clients: numberOf(options, 'clients', { least: 1, most: 256 }),
  deadlineMs: numberOf(options, 'deadline-ms', { least: 1_000, most: 600_000 }),
  seed: numberOf(options, 'seed', { least: 0, most: 4_294_967_295 }),
  goal: numberOf(options, 'goal', { least: 0, most: 1, isWhole: false }),
});
