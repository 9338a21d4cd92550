export const usage = `npm run replay:cache -- [options]

  --pairs FILE       labelled pairs, one JSON object a line: {"a": "…", "b": "…", "same": true}; without it, hand-written
                     questions of this repository that no weights were trained on. Several are read together
  --arrivals FILE    CSV with the columns t_s and output_tokens; without it, arrivals are independent of one another
  --requests N       so many (default: the whole trace, 20000 without one)
  --rate N           requests a second without a trace (default 5)
  --output-tokens N  mean length of an answer without a trace (default 200)
  --zipf N           exponent of how unequally often questions are asked (default 1)
  --repeats N        share of the asks that are in the words of the last one, 0 to 1 (default 0.5)
  --forms N          of the other asks, the share that also differ in form: case, punctuation, politeness (default 0)
  --limit N,…        largest share of wrong answers among semantic hits (default 0.01,0.02,0.05)
  --threshold N,…    cosine gate (default 0.8,0.85,0.92)
  --audit N          share of the semantic hits that is audited (default 0.05)
  --first-token-ms N, --token-ms N   time of a call: until the first token (default 300), and each token (20)
  --weights FILE     the verifier's (default CACHE_VERIFIER_WEIGHTS, else those that ship)
  --seed N           all that is drawn follows from it (default 1)
  --report FILE      writes the tables as Markdown
  --json             one JSON document on standard output`;

const text = (initial) => ({ type: 'string', ...(initial === undefined ? {} : { default: initial }) });

export const optionTable = {
  pairs: { type: 'string', multiple: true },
  arrivals: text(),
  requests: text(),
  rate: text('5'),
  'output-tokens': text('200'),
  zipf: text('1'),
  repeats: text('0.5'),
  forms: text('0'),
  limit: text('0.01,0.02,0.05'),
  threshold: text('0.8,0.85,0.92'),
  audit: text('0.05'),
  'first-token-ms': text('300'),
  'token-ms': text('20'),
  weights: text(),
  seed: text('1'),
  report: text(),
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

function number(name, value, { least, most = Infinity, isWhole = false }) {
  const parsed = value.trim() === '' ? NaN : Number(value);
  if (parsed >= least && parsed <= most && (!isWhole || Number.isInteger(parsed))) return parsed;
  const range = most === Infinity ? `from ${least}` : `from ${least} to ${most}`;
  throw new Error(`--${name} has to be a ${isWhole ? 'whole ' : ''}number ${range}, not "${value}"`);
}

/** Options as numbers. Throws a sentence that names the option. */
export function settingsOf(options) {
  const one = (name, range) => number(name, options[name], range);
  const several = (name, range) => options[name].split(',').map((value) => number(name, value, range));
  const whole = { least: 1, isWhole: true };
  return {
    pairs: options.pairs,
    arrivals: options.arrivals,
    weights: options.weights,
    requests: options.requests === undefined ? undefined : one('requests', whole),
    rate: one('rate', { least: 0.001 }),
    outputTokens: one('output-tokens', { least: 1 }),
    zipf: one('zipf', { least: 0 }),
    repeats: one('repeats', { least: 0, most: 1 }),
    forms: one('forms', { least: 0, most: 1 }),
    limits: several('limit', { least: 0.0001, most: 0.5 }),
    thresholds: several('threshold', { least: 0.5, most: 1 }),
    auditShare: one('audit', { least: 0, most: 1 }),
    firstTokenMs: one('first-token-ms', { least: 0 }),
    tokenMs: one('token-ms', { least: 0 }),
    seed: one('seed', whole),
  };
}
