/** What differs from one Gemini model to another ("Thinking", "What's new in Gemini 3.6 Flash", read November 2026). */
export interface GeminiTraits {
  /** `budget`: told in tokens; `level`: told in words; `none`: does not think. */
  readonly thinking: 'none' | 'budget' | 'level';
  /** The levels that it knows, from the least to the most. */
  readonly levels: readonly string[];
  readonly canStopThinking: boolean;
  /** Newer models pay no heed to temperature, top_p and top_k. */
  readonly takesSampling: boolean;
  /** Newer models refuse a request that ends with an answer of their own, to be gone on with. */
  readonly goesOnWithAnswers: boolean;
  /** Refuses calls of earlier turns without their thought signature. */
  readonly wantsSignatures: boolean;
}

const namePattern = /gemini-(\d+)(?:\.(\d+))?-(pro|flash-lite|flash)/;
const fromLow = ['low', 'medium', 'high'];
const fromMinimal = ['minimal', ...fromLow];

/** Names of families (`gemini-flash-latest`) and what is yet to come are taken for the newest, with fewest wishes refused. */
const newest: GeminiTraits = {
  thinking: 'level',
  levels: fromLow,
  canStopThinking: false,
  takesSampling: true,
  goesOnWithAnswers: true,
  wantsSignatures: true,
};

/** The traits of a model by its name; versions are compared as 306 for 3.6. */
export function geminiTraits(model: string): GeminiTraits {
  if (/gemma/.test(model)) return { ...newest, thinking: 'none', wantsSignatures: false };
  const [, major, minor, kind] = namePattern.exec(model) ?? [];
  if (major === undefined) return newest;
  const version = Number(major) * 100 + Number(minor ?? 0);
  if (version < 205) return { ...newest, thinking: 'none', wantsSignatures: false };
  if (version < 300) {
    return { ...newest, thinking: 'budget', canStopThinking: kind !== 'pro', wantsSignatures: false };
  }
  const isStrict = version >= 306 || (version >= 305 && kind === 'flash-lite');
  return {
    ...newest,
    levels: levelsOf(version, kind),
    takesSampling: !isStrict,
    goesOnWithAnswers: !isStrict,
  };
}

function levelsOf(version: number, kind: string | undefined): readonly string[] {
  if (kind === 'pro') return version < 301 ? ['low', 'high'] : fromLow;
  return version < 307 ? fromMinimal : fromLow;
}
