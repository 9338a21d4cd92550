import { hash } from 'node:crypto';

const BLOCK_BYTES = 2_048;
const MAX_BLOCKS = 8;
/** Of a block's digest: enough that two blocks of one tenant never have the same name by chance. */
const NAME_CHARACTERS = 16;

/**
 * Names of a body's leading blocks of 2 KiB, each of which stands for everything before it as well: equal names are an equal beginning. Undefined for a body without a
 * whole block, which has no prefix worth a provider's cache. Some 3 µs a block.
 */
export function leadingBlocks(body: Buffer): readonly string[] | undefined {
  const count = Math.min(MAX_BLOCKS, Math.floor(body.length / BLOCK_BYTES));
  if (count === 0) return undefined;
  const names: string[] = [];
  let chain = '';
  for (let block = 0; block < count; block++) {
    const bytes = body.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
    chain += hash('sha1', bytes, 'base64').slice(0, NAME_CHARACTERS);
    names.push(chain);
  }
  return names;
}
