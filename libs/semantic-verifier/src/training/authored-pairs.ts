import { CostlaneError } from '@costlane/domain';
import type { LabelledPair } from './labelled-pair';

/**
 * Pairs from hand-written blocks: lines `= text` are wordings of one question, lines `! text` each ask for something else, from the
 * wordings and from one another; an empty line ends a block, `# ` begins a comment. Throws a CostlaneError that names file and line.
 */
export function parseAuthored(text: string, fileName: string, source: string): LabelledPair[] {
  const pairs: LabelledPair[] = [];
  let same: string[] = [];
  let different: string[] = [];
  const closeBlock = () => {
    pairs.push(...pairsOfBlock(same, different, source));
    same = [];
    different = [];
  };
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    if (line === '') closeBlock();
    else if (line.startsWith('= ')) same.push(line.slice(2).trim());
    else if (line.startsWith('! ')) different.push(line.slice(2).trim());
    else if (!line.startsWith('#'))
      throw new CostlaneError('invalid_request', `${fileName}:${index + 1}: a line begins with "= ", "! " or "# "`);
  });
  closeBlock();
  return pairs;
}

/** Every near miss is paired with every wording; near misses with one another only with the next one, so that a block stays balanced. */
function pairsOfBlock(same: readonly string[], different: readonly string[], source: string): LabelledPair[] {
  const pairs: LabelledPair[] = [];
  const add = (a: string, b: string, isSame: boolean) => pairs.push({ a, b, same: isSame, source, weight: 1 });
  same.forEach((a, index) => same.slice(index + 1).forEach((b) => add(a, b, true)));
  different.forEach((b, index) => {
    for (const a of same) add(a, b, false);
    const next = different[index + 1];
    if (next !== undefined) add(b, next, false);
  });
  return pairs;
}
