// Options of the two commands: `--name value`, `--flag`, and names that may come several times.
import { parseArgs } from 'node:util';

/** Parses strictly; an unknown option or a missing value is one sentence, with what there is. */
export function readOptions(argv, options, usage) {
  try {
    return parseArgs({ args: argv, options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new Error(`${error.message}\n\n${usage}`, { cause: error });
  }
}

/** Progress on standard error, one line that is rewritten on a terminal, a line for each tenth elsewhere. */
export function createProgress(label) {
  let last = -1;
  const startedAt = Date.now();
  return (share) => {
    const step = Math.floor(share * (process.stderr.isTTY ? 100 : 10));
    if (step === last) return;
    last = step;
    const line = `${label}: ${Math.round(share * 100)} %, ${Math.round((Date.now() - startedAt) / 1000)} s`;
    process.stderr.write(process.stderr.isTTY ? `\r${line}${share >= 1 ? '\n' : ''}` : `${line}\n`);
  };
}

export const percent = (share, digits = 1) =>
  share === null || share === undefined ? '–' : `${(share * 100).toFixed(digits)} %`;
