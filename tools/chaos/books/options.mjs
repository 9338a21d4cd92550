export const usage = `npm run chaos -- ledger [options]

  --away-seconds N  how long Postgres does not answer while requests go on (default 60)
  --clients N       so many ask at the same time, each one question after the other (default 16)
  --seed N          what is asked follows from it (default 1)
  --keep FOLDER     the services' logs are kept there
  --json            one JSON document on standard output instead of the text`;

export const optionTable = {
  'away-seconds': { type: 'string', default: '60' },
  clients: { type: 'string', default: '16' },
  seed: { type: 'string', default: '1' },
  keep: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

function numberOf(options, name, { least, most }) {
  const value = options[name].trim() === '' ? NaN : Number(options[name]);
  if (value >= least && value <= most && Number.isInteger(value)) return value;
  throw new Error(`--${name} has to be a whole number from ${least} to ${most}, not "${options[name]}"`);
}

/** Options as numbers. Throws a sentence that names the option. */
export const settingsOf = (options) => ({
  awayMs: numberOf(options, 'away-seconds', { least: 1, most: 600 }) * 1_000,
  clients: numberOf(options, 'clients', { least: 1, most: 256 }),
  seed: numberOf(options, 'seed', { least: 0, most: 4_294_967_295 }),
});
