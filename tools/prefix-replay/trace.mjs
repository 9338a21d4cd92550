import { readFileSync } from 'node:fs';

const blockTokens = 512;
/** Any time of day will do, as long as it is not zero. */
const startMs = 1_800_000_000_000;

/** Requests of a trace in order: when they came, their output and their prompt as a chain of blocks. */
export function readTrace(file) {
  return parseTrace(readFileSync(file, 'utf8'));
}

export function parseTrace(text) {
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  const columns = head.split(',');
  const [timeAt, outputAt, blocksAt] = ['t_s', 'output_tokens', 'prefix_blocks'].map((name) => columns.indexOf(name));
  if (timeAt < 0 || blocksAt < 0) throw new Error('the trace needs the columns t_s and prefix_blocks');
  return lines.map((line) => {
    const cells = line.split(',');
    return {
      atMs: startMs + Number(cells[timeAt]) * 1_000,
      outputTokens: Number(cells[outputAt] ?? 0),
      chain: chainOf((cells[blocksAt] ?? '').split(' ')),
    };
  });
}

/** Ids as names of twelve characters, as long as those that prompts are really given. */
export function chainOf(ids) {
  const hashes = ids.map((id) => Buffer.from(id.padStart(12, '0')).toString('latin1'));
  return {
    hashes,
    endTokens: hashes.map((_, i) => (i + 1) * blockTokens),
    segmentEnds: [hashes.length - 1],
    headEnd: -1,
  };
}
