/** What differs from one of Cohere's models to another ("An Overview of Cohere's Models", "Reasoning Capabilities", read November 2026). */
export interface CommandTraits {
  /** Thinks before it answers, unless it is told not to. */
  readonly isReasoning: boolean;
  /** Looks at images. Of models that are not known it is assumed: Cohere refuses them by itself. */
  readonly takesImages: boolean;
}

const reasoningPattern = /reasoning|^command-a-plus|^north/;
const textOnlyPattern = /^(?:command-r|command-a-(?:03-2025|translate)|c4ai-aya-expanse)/;

/** The traits of a model by its name; what is yet to come has fewest wishes refused. */
export function commandTraits(model: string): CommandTraits {
  return { isReasoning: reasoningPattern.test(model), takesImages: !textOnlyPattern.test(model) };
}
