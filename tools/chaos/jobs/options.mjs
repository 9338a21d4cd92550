export const usage = `npm run chaos -- jobs [options]

  --minutes N      how long jobs come and processes are killed (default 5, at least 0.3)
  --jobs N         jobs in all, half of them items of batches, half single requests (default 10000)
  --clients N      so many single requests are asked at the same time (default 24)
  --seed N         who is killed when, and what is asked, follows from it (default 1)
  --keep FOLDER    the services' logs are kept there
  --json           one JSON document on standard output instead of the text`;

export const optionTable = {
  minutes: { type: 'string', default: '5' },
  jobs: { type: 'string', default: '10000' },
  clients: { type: 'string', default: '24' },
  seed: { type: 'string', default: '1' },
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
  seconds: numberOf(options, 'minutes', { least: 0.3, most: 60, isWhole: false }) * 60,
  jobs: numberOf(options, 'jobs', { least: 40, most: 200_000 }),
  clients: numberOf(options, 'clients', { least: 1, most: 256 }),
  seed: numberOf(options, 'seed', { least: 0, most: 4_294_967_295 }),
});
