import { parseArgs } from 'node:util';

export const usage = `npm run sim:batcher -- [--trace FILE | --synthetic NAME | --timing] [options]

  --trace FILE      CSV with the columns t_s, prompt_tokens and output_tokens, and perhaps prefix_blocks (ids of 512-token blocks)
  --synthetic NAME  mixed (default), overload10 or flood
  --timing          CPU time of the scheduler at 10,000 waiting pieces of work, and of clustering a window
  --count N         pieces of work (default 12000; of a trace all)
  --load N          of a trace: places are such that it takes this share of them in the mean (default 0.9)
  --places N        calls that the provider takes at once (default 32; of a trace by the load)
  --batchers N      so many share the places, each with what it saw of them 20 ms ago (default 1)
  --retries N       how often a caller that is refused comes back when it was told to (default 0)
  --seed N          all that is drawn follows from it (default 1)
  --json            one JSON document on standard output
  --markdown        tables as Markdown`;

const text = (initial) => ({ type: 'string', ...(initial === undefined ? {} : { default: initial }) });
const flag = { type: 'boolean', default: false };

function number(name, value, { least, most = Infinity, isWhole = false }) {
  const parsed = value.trim() === '' ? NaN : Number(value);
  if (parsed >= least && parsed <= most && (!isWhole || Number.isInteger(parsed))) return parsed;
  const range = most === Infinity ? `from ${least}` : `from ${least} to ${most}`;
  throw new Error(`--${name} has to be a ${isWhole ? 'whole ' : ''}number ${range}, not "${value}"`);
}

/** Options as numbers. Throws a sentence that names the option. */
export function readOptions(args, scenarioNames) {
  let values;
  try {
    values = parseArgs({
      args,
      options: {
        trace: text(),
        synthetic: text(),
        timing: flag,
        count: text(),
        load: text('0.9'),
        places: text(),
        batchers: text('1'),
        retries: text('0'),
        seed: text('1'),
        json: flag,
        markdown: flag,
        help: flag,
      },
    }).values;
  } catch (error) {
    throw new Error(`${error.message}\n\n${usage}`, { cause: error });
  }
  const whole = { least: 1, isWhole: true };
  const optional = (name) => (values[name] === undefined ? undefined : number(name, values[name], whole));
  if (values.trace !== undefined && values.synthetic !== undefined)
    throw new Error('--trace and --synthetic exclude each other');
  const { synthetic = 'mixed' } = values;
  if (!scenarioNames.includes(synthetic))
    throw new Error(`--synthetic has to be one of ${scenarioNames.join(', ')}, not "${synthetic}"`);
  return {
    ...values,
    synthetic,
    count: optional('count'),
    places: optional('places'),
    batchers: number('batchers', values.batchers, { least: 1, most: 16, isWhole: true }),
    retries: number('retries', values.retries, { least: 0, most: 100, isWhole: true }),
    load: number('load', values.load, { least: 0.01, most: 100 }),
    seed: number('seed', values.seed, { least: 0, isWhole: true }),
  };
}
