import { differingCore } from './edit-distance';
import { writeAll, type FeatureGroup } from './pair-context';

const MAX_CORE_CHARS = 60;

/** Lengths, and how much of the letters differ. */
export const surfaceFeatures: FeatureGroup = {
  names: [
    'key_equal',
    'compact_equal',
    'core_chars',
    'words_min',
    'words_max',
    'words_ratio',
    'content_min',
    'content_max',
    'content_diff',
    'marks_diff',
    'sentences_min',
    'sentences_diff',
  ],
  fill: ({ a, b }, into, offset) => {
    const wordsMin = Math.min(a.words.length, b.words.length);
    const wordsMax = Math.max(a.words.length, b.words.length);
    writeAll(
      [
        Number(a.key === b.key),
        Number(a.compactKey === b.compactKey),
        differingCore(a.compactKey, b.compactKey, MAX_CORE_CHARS),
        wordsMin,
        wordsMax,
        wordsMax === 0 ? 1 : wordsMin / wordsMax,
        Math.min(a.contentCount, b.contentCount),
        Math.max(a.contentCount, b.contentCount),
        Math.abs(a.contentCount - b.contentCount),
        Math.abs(a.questionMarks - b.questionMarks),
        Math.min(a.sentences, b.sentences),
        Math.abs(a.sentences - b.sentences),
      ],
      into,
      offset,
    );
  },
};
