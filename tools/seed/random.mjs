// Numbers that follow from the seed, whatever was drawn before: each hour has a generator of its own.
import { createRandom } from '../chaos/random.mjs';

/** 32 bits of a text and numbers (FNV-1a). */
export function hashOf(...parts) {
  let hash = 0x811c9dc5;
  for (const character of parts.join('|')) hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193) >>> 0;
  // FNV alone leaves neighbours near each other.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** A share in [0, 1) that is always the same for the same words. */
export const shareOf = (...parts) => hashOf(...parts) / 4_294_967_296;

/** A generator with the distributions that the demo needs. */
export function drawerOf(...parts) {
  const { next } = createRandom(hashOf(...parts));
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    next,
    chance: (share) => next() < share,
    between: (least, most) => least + (most - least) * next(),
    /** Log-normal around a mean. */
    around: (mean, sigma) => mean * Math.exp(sigma * normal() - (sigma * sigma) / 2),
    /** An index by Zipf's law with exponent 1: the first ones most often. */
    zipf: (count) => Math.min(count - 1, Math.floor((count + 1) ** next() - 1)),
    /** One of the items by their weights. */
    weighted(items, weights) {
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      let left = next() * total;
      for (const [at, item] of items.entries()) {
        left -= weights[at];
        if (left < 0) return item;
      }
      return items[items.length - 1];
    },
  };
}
