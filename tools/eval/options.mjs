import { readOptions } from '../verifier/options.mjs';

export const usage = `npm run eval -- [options]

  Compares ways to choose a model by what they cost and how good the answers are. Without --url against simulated models,
  deterministic and in seconds; the decisions are the product's own either way.

  --url URL          a running Costlane: every model is asked every prompt once, and "auto" as it runs there
  --key KEY          its API key (default COSTLANE_API_KEY)
  --models A,B,…     models of it to compare (default: the cheapest of each tier that auto chooses from)
  --judge MODEL      a model of it that grades answers by checks of the kind "judge"; without it they are skipped
  --concurrency N    requests at a time (default 4)
  --prompts FILE     one prompt a line (default: the 50 of tools/eval/prompts.jsonl)
  --policies FILE    JSON list of policies (default: each tier alone, and variants of the router's settings)
  --rounds N         how often each prompt is asked (default 100 in the simulation, 1 with --url)
  --seed N           all that is drawn follows from it (default 1)
  --out DIR          keeps answers.jsonl, result.json, report.md and cost-quality.svg there
  --resume           goes on with the answers that are in --out
  --json             one JSON document on standard output`;

const optionTable = {
  url: { type: 'string' },
  key: { type: 'string' },
  models: { type: 'string' },
  judge: { type: 'string' },
  concurrency: { type: 'string', default: '4' },
  prompts: { type: 'string' },
  policies: { type: 'string' },
  rounds: { type: 'string' },
  seed: { type: 'string', default: '1' },
  out: { type: 'string' },
  resume: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

function whole(name, value, least, most) {
  const parsed = value.trim() === '' ? NaN : Number(value);
  if (Number.isInteger(parsed) && parsed >= least && parsed <= most) return parsed;
  throw new Error(`--${name} has to be a whole number from ${least} to ${most}, not "${value}"`);
}

function checkedUrl(url) {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new Error(`--url has to be an http(s) address, not "${url}"`);
  return url;
}

/** The options as settings; throws a sentence that names the option. */
export function settingsOf(argv, env) {
  const options = readOptions(argv, optionTable, usage);
  const { url, out } = options;
  for (const name of ['judge', 'models', 'key'])
    if (options[name] !== undefined && url === undefined) throw new Error(`--${name} needs --url`);
  if (options.resume && out === undefined) throw new Error('--resume needs --out');
  return {
    isHelp: options.help,
    url: url === undefined ? undefined : checkedUrl(url),
    key: options.key ?? env.COSTLANE_API_KEY,
    models: options.models?.split(',').map((name) => name.trim()),
    judge: options.judge,
    concurrency: whole('concurrency', options.concurrency, 1, 64),
    prompts: options.prompts,
    policies: options.policies,
    rounds: options.rounds === undefined ? (url === undefined ? 100 : 1) : whole('rounds', options.rounds, 1, 1_000),
    seed: whole('seed', options.seed, 0, 2 ** 31),
    out,
    isResumed: options.resume,
    isJson: options.json,
  };
}
