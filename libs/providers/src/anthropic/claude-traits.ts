/** What a Claude model can do that decides how a request is put to it. */
export interface ClaudeTraits {
  /** The most that one answer may have. */
  readonly maxOutputTokens: number;
  /** How thinking is asked for: not at all, with a number of tokens, or left to the model (`adaptive`). */
  readonly thinking: 'none' | 'budget' | 'adaptive';
  /** It thinks where the request does not say otherwise. */
  readonly thinksUnasked: boolean;
  readonly canStopThinking: boolean;
  /** Values of `output_config.effort`. */
  readonly efforts: readonly string[];
  /** `temperature`, `top_p` and `top_k` other than their defaults are taken. */
  readonly takesSampling: boolean;
  /** Temperature and top_p are taken together. */
  readonly takesBothSamplers: boolean;
  /** `output_config.format` and strict tools. */
  readonly hasStructuredOutputs: boolean;
}

/** For names that say no version (another server's, `…-latest`): nothing is refused beforehand, the server decides. */
const unknownModel: ClaudeTraits = {
  // The least that any Claude model allows, since more would be refused.
  maxOutputTokens: 4_096,
  thinking: 'adaptive',
  thinksUnasked: true,
  canStopThinking: true,
  efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
  takesSampling: true,
  takesBothSamplers: true,
  hasStructuredOutputs: true,
};

/** `claude-sonnet-4-5-20250929` and, as it was until 2025, `claude-3-5-sonnet-20241022`; a date is no version. */
const familyFirst = /claude-([a-z]+)-(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/;
const versionFirst = /claude-(\d)(?:[-.](\d))?-([a-z]+)/;

/**
 * The traits of a model, from its name (platform.claude.com: "Effort", "Adaptive thinking", "Structured outputs" and the
 * migration guides, read November 2026; limits of answers as clients list them). A newer version than those is taken to be
 * like the newest.
 */
export function claudeTraits(model: string): ClaudeTraits {
  const name = familyOf(model);
  if (!name) return unknownModel;
  const { family, version } = name;
  return {
    maxOutputTokens: maxOutputTokens(family, version),
    thinking: version < 307 ? 'none' : version < 406 ? 'budget' : 'adaptive',
    thinksUnasked: version >= 500,
    canStopThinking: family !== 'fable' && family !== 'mythos',
    efforts: effortsOf(version),
    takesSampling: version < 407,
    takesBothSamplers: version < 401,
    hasStructuredOutputs: version >= 405,
  };
}

/** Family and version as one number: 405 for 4.5. */
function familyOf(model: string): { family: string; version: number } | undefined {
  const [, family, major, minor] = familyFirst.exec(model) ?? [];
  if (family && major) return { family, version: Number(major) * 100 + Number(minor ?? 0) };
  const [, olderMajor, olderMinor, olderFamily] = versionFirst.exec(model) ?? [];
  if (!olderFamily || !olderMajor) return undefined;
  return { family: olderFamily, version: Number(olderMajor) * 100 + Number(olderMinor ?? 0) };
}

function maxOutputTokens(family: string, version: number): number {
  if (version < 305) return 4_096;
  if (version < 307) return 8_192;
  if (family === 'opus' && version < 405) return 32_000;
  return version < 406 ? 64_000 : 128_000;
}

function effortsOf(version: number): readonly string[] {
  if (version < 406) return [];
  return version < 407 ? ['low', 'medium', 'high', 'max'] : unknownModel.efforts;
}
