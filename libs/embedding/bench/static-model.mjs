// Microseconds a prompt of the static model: node libs/embedding/bench/static-model.mjs [FILE of JSON lines with a text `a` or `prompt`]
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const modelFile = path.join(root, 'libs/embedding/model/static-model.bin');
const rounds = 12;

async function importSource(file) {
  const { outputFiles } = await build({
    entryPoints: [path.join(root, file)],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    tsconfig: path.join(root, 'tsconfig.base.json'),
    external: ['undici'],
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

const builtIn = Array.from({ length: 2_000 }, (_, i) =>
  [
    `How do I reset the password of account ${i} when the confirmation e-mail never arrives?`,
    `Summarize the report from day ${i} in three bullet points, and mention every risk.`,
    `What's the difference between a mutex and a semaphore (example ${i})?`,
  ].at(i % 3),
);

const readTexts = (file) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ a, prompt }) => a ?? prompt);

/** Microseconds of CPU a text, of the quickest round: others may be using the machine. */
function measure(texts, act) {
  const perText = Array.from({ length: rounds }, () => {
    const before = process.cpuUsage();
    for (const text of texts) act(text);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / texts.length;
  });
  return Math.min(...perText).toFixed(1);
}

const { loadStaticModel } = await importSource('libs/embedding/src/static/load-static-model.ts');
const before = process.cpuUsage();
const model = loadStaticModel(modelFile);
const { user, system } = process.cpuUsage(before);
console.log(`load: ${((user + system) / 1e3).toFixed(1)} ms of CPU`);

const texts = process.argv[2] ? readTexts(process.argv[2]) : builtIn;
const sets = {
  'these texts': texts,
  'the same with an accent': texts.map((text) => `${text} é`),
  '100 of them in one': texts.slice(0, 500).map((_, i) => texts.slice(i, i + 100).join(' ')),
};
for (const [name, set] of Object.entries(sets)) {
  const pieces = set.reduce((sum, text) => sum + model.tokenize(text).length, 0) / set.length;
  const tokenize = measure(set, (text) => model.tokenize(text));
  const embed = measure(set, (text) => model.embed(text));
  console.log(`${name}: ${pieces.toFixed(1)} pieces, tokenize ${tokenize} µs, embed with it ${embed} µs`);
}
