// What the prefix tier is worth, replayed: `node tools/prefix-replay/main.mjs [TRACE.csv] [--json] [--replicas 16] [--blocks 5000]
// [--token-ms 20] [--skip-marks]`. TRACE has the columns t_s, output_tokens and prefix_blocks (ids of 512-token blocks); without one only
// the synthetic part runs. Exits with 1 when prefix affinity misses its targets on the trace.
import { parseArgs } from 'node:util';
import { loadDomain } from './load-domain.mjs';
import { marksTable } from './marks.mjs';
import { replayReplicas } from './replicas.mjs';
import { renderRows } from './render-rows.mjs';
import { readTrace } from './trace.mjs';

/** Of the hit rate of a cache that never forgets; and of the mean number of requests. */
const minShareOfUnlimited = 0.95;
const maxLoad = 1.3;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    replicas: { type: 'string', default: '16' },
    blocks: { type: 'string', default: '5000' },
    'token-ms': { type: 'string', default: '20' },
    'skip-marks': { type: 'boolean', default: false },
  },
});

async function main() {
  const domain = await loadDomain();
  const [file] = positionals;
  const result = {};
  if (file !== undefined) {
    const options = {
      replicas: Number(values.replicas),
      blocks: Number(values.blocks),
      tokenMs: Number(values['token-ms']),
    };
    result.replicas = replayReplicas(domain, readTrace(file), options);
  }
  if (!values['skip-marks']) result.marks = marksTable(domain);
  if (values.json) console.log(JSON.stringify(result));
  else print(result);
  const affinity = result.replicas?.find(({ policy }) => policy === 'affinity');
  if (affinity && (affinity.ofUnlimited < minShareOfUnlimited || affinity.requestLoad > maxLoad)) {
    console.error(`affinity misses its targets: ${minShareOfUnlimited} of the unlimited hit rate, load ${maxLoad}`);
    process.exitCode = 1;
  }
}

function print({ replicas, marks }) {
  if (replicas) {
    console.log(renderRows(replicas));
    console.log(
      'loads are the busiest replica over the mean: requests, blocks of prompt, blocks computed, and the worst five minutes\n',
    );
  }
  if (marks) {
    console.log(renderRows(marks));
    console.log('prompt tokens of synthetic traffic at list prices; savings against no marks');
  }
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
