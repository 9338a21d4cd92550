import { readFileSync } from 'node:fs';

const tenants = 20;

/** Requests of a trace in order: when they came, how long they are, and what their prompts begin with where the trace tells. */
export function readTrace(file) {
  return parseTrace(readFileSync(file, 'utf8'));
}

export function parseTrace(text) {
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  const columns = head.split(',');
  const [timeAt, promptAt, outputAt, blocksAt] = ['t_s', 'prompt_tokens', 'output_tokens', 'prefix_blocks'].map(
    (name) => columns.indexOf(name),
  );
  if (Math.min(timeAt, promptAt, outputAt) < 0)
    throw new Error('the trace needs the columns t_s, prompt_tokens and output_tokens');
  return lines
    .map((line) => {
      const cells = line.split(',');
      const arrival = {
        atMs: Number(cells[timeAt]) * 1_000,
        promptTokens: Math.max(1, Number(cells[promptAt])),
        outputTokens: Math.max(1, Number(cells[outputAt])),
      };
      if (blocksAt < 0) return arrival;
      const blocks = (cells[blocksAt] ?? '').split(' ').filter((id) => id !== '');
      // Conversations keep to one tenant: the first block is the same for all, the second tells them apart.
      return { ...arrival, blocks, tenantId: `t${Number(blocks[1] ?? 0) % tenants}` };
    })
    .sort((a, b) => a.atMs - b.atMs);
}

/** Places that the trace takes a share `load` of, in the mean. */
export function placesFor(library, arrivals, load) {
  const spanMs = Math.max(1, (arrivals.at(-1)?.atMs ?? 0) - (arrivals[0]?.atMs ?? 0));
  const busyMs = library.meanServiceMs(arrivals, library.defaultProvider) * arrivals.length;
  return Math.max(1, Math.ceil(busyMs / spanMs / load));
}
