import { CostlaneError } from '@costlane/domain';
import type { LabelledPair } from './labelled-pair';

/** `held-out` blocks, about one in fifteen, never train: the evaluation of a bare checkout and the tests need rows that no weights have seen. */
export type AuthoredPart = 'training' | 'held-out';

const heldOutShare = 15;

/**
 * Pairs from hand-written blocks: lines `= text` are wordings of one question, lines `! text` each ask for something else, from the
 * wordings and from one another; an empty line ends a block, `# ` begins a comment. Throws a CostlaneError that names file and line.
 */
export function parseAuthored(text: string, fileName: string, source: string, part: AuthoredPart): LabelledPair[] {
  const pairs: LabelledPair[] = [];
  let same: string[] = [];
  let different: string[] = [];
  const closeBlock = () => {
    const isHeldOut = hashOf(same[0] ?? '') % heldOutShare === 0;
    if (isHeldOut === (part === 'held-out')) pairs.push(...pairsOfBlock(same, different, source));
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

/** FNV-1a: a block stays on its side when others are added. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** Every near miss is paired with every wording, and with the near miss after it. */
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
