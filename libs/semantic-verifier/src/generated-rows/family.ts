import { CostlaneError } from '@costlane/domain';
import { expandTemplate, type Slots } from './expand-template';
import type { Picker } from './picker';

/** Wordings of one question, as templates: any two are answered by the same answer. */
export type Meaning = readonly string[];

/** Questions that each ask for something else: near misses of one another. */
export type Frame = readonly Meaning[];

/** Frames that share their slots. */
export interface Family {
  /** Kebab-case, begins with `gen-`: the `source` of its rows. */
  name: string;
  slots(pick: Picker): Slots;
  frames: readonly Frame[];
}

/** A pair as a family gives it. */
export interface DrawnPair {
  a: string;
  b: string;
  same: boolean;
}

/** Tries to draw two wordings of a meaning that differ before giving up on it: a template without alternatives gives one text only. */
const maxTries = 8;

/**
 * Reads frames: a meaning a line, its wordings divided by ` / `; an empty line begins the next frame. Two lines of a frame must not mean the same,
 * and each needs two wordings, so that no text can be told to belong to one label. Throws a CostlaneError (`internal`) for a frame of one meaning.
 */
export function parseFrames(text: string): Frame[] {
  const frames = text
    .trim()
    .split(/\n\s*\n/)
    .map((block) => block.split('\n').map((line) => line.trim().split(' / ')));
  const lonely = frames.find((frame) => frame.length < 2);
  if (lonely !== undefined) throw new CostlaneError('internal', `one meaning alone: ${lonely[0]?.join(' / ')}`);
  return frames;
}

export function defineFamily(name: string, slots: (pick: Picker) => Slots, frames: string): Family {
  return { name, slots, frames: parseFrames(frames) };
}

/** A text as rows are told apart by: letters, digits and signs that change a name, in lower case. */
export function canonical(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}+#]+/gu, '');
}

/** One frame filled once: a pair of wordings of a meaning, and a pair of two meanings. Either may be missing where tries gave equal texts. */
export function drawPairs(family: Family, pick: Picker): DrawnPair[] {
  const slots = family.slots(pick);
  const frame = pick.one(family.frames);
  const say = (wording: string) => expandTemplate(wording, slots, pick);
  return [drawSame(frame, say, pick), drawDifferent(frame, say, pick)].filter((pair) => pair !== undefined);
}

type Say = (wording: string) => string;

function drawSame(frame: Frame, say: Say, pick: Picker): DrawnPair | undefined {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const meaning = pick.one(frame);
    const [a, b] = (meaning.length > 1 ? pick.some(meaning, 2) : [meaning[0], meaning[0]]).map((wording) =>
      say(wording as string),
    ) as [string, string];
    if (canonical(a) !== canonical(b)) return { a, b, same: true };
  }
  return undefined;
}

/** Of a few draws the one whose texts share most words: near misses in other words are told apart too easily. */
function drawDifferent(frame: Frame, say: Say, pick: Picker): DrawnPair | undefined {
  let best: (DrawnPair & { shared: number }) | undefined;
  for (let tries = 0; tries < 3; tries += 1) {
    const [one, other] = pick.some(frame, 2) as [Meaning, Meaning];
    const a = say(pick.one(one));
    const b = say(pick.one(other));
    const shared = sharedWords(a, b);
    if (canonical(a) !== canonical(b) && shared > (best?.shared ?? -1)) best = { a, b, same: false, shared };
  }
  return best && { a: best.a, b: best.b, same: false };
}

/** Share of words that two texts have in common (Jaccard). */
export function sharedWords(a: string, b: string): number {
  const words = (text: string) => new Set(text.toLowerCase().match(/[\p{L}\p{N}'+#]+/gu));
  const first = words(a);
  const second = words(b);
  let common = 0;
  for (const word of first) if (second.has(word)) common += 1;
  return common / (first.size + second.size - common);
}
