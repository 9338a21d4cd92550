// Answers as they come, a line of JSON each, so that a run that ends early loses none.
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const keyOf = ({ kind, promptId, model, round }) => JSON.stringify([kind, promptId, model, round]);

/** Names what answers belong to: the same prompts asked of the same system. */
export const originOf = (prompts, source) =>
  createHash('sha256')
    .update(JSON.stringify([source, prompts.map(({ id, messages, body }) => [id, messages, body])]))
    .digest('hex')
    .slice(0, 16);

function readLines(file, origin) {
  const lines = readFileSync(file, 'utf8').split('\n');
  const known = new Map();
  lines.forEach((line, at) => {
    if (line === '') return;
    let entry;
    try {
      entry = JSON.parse(line);
    } catch (error) {
      // The last line of a run that was killed may be half written.
      if (at === lines.length - 1) return;
      throw new Error(`${file}:${at + 1}: not JSON: ${error.message}`, { cause: error });
    }
    if (at === 0 && entry.origin !== origin)
      throw new Error(`${file} holds answers to other prompts or of another system; choose another --out`);
    if (at > 0) known.set(keyOf(entry), entry.outcome);
  });
  return known;
}

/** Keeps outcomes in memory, and in `folder` where there is one. `isResumed`: what is there already is used, not asked again. */
export function openAnswerStore({ folder, isResumed, origin }) {
  const file = folder === undefined ? undefined : path.join(folder, 'answers.jsonl');
  let known = new Map();
  if (file) {
    mkdirSync(folder, { recursive: true });
    if (isResumed && existsSync(file)) {
      known = readLines(file, origin);
      const kept = [...known].map(([key, outcome]) => {
        const [kind, promptId, model, round] = JSON.parse(key);
        return JSON.stringify({ kind, promptId, model, round, outcome });
      });
      writeFileSync(file, `${[JSON.stringify({ origin }), ...kept].join('\n')}\n`);
    } else writeFileSync(file, `${JSON.stringify({ origin })}\n`);
  }
  const pending = new Map();
  return {
    resumed: known.size,
    /** The outcome of this name; made by `make` where it is not known, once, however many ask. */
    get(name, make) {
      const key = keyOf(name);
      if (known.has(key)) return Promise.resolve(known.get(key));
      if (!pending.has(key)) {
        const made = make().then((outcome) => {
          known.set(key, outcome);
          // A failure is not kept: the next run asks again.
          if (file && outcome?.error === undefined) appendFileSync(file, `${JSON.stringify({ ...name, outcome })}\n`);
          return outcome;
        });
        pending.set(
          key,
          made.finally(() => pending.delete(key)),
        );
      }
      return pending.get(key);
    },
  };
}
