import type { ModelTier } from '../routing/model-tier';
import { defaultComplexityWeights, defaultRoutingSettings, type ComplexityWeights } from '../routing/routing-settings';
import { tierOfComplexity } from '../routing/target-tier';
import { languageOf, type TextLanguage } from './language-of';
import { scanRequestText } from './scan-request-text';

export interface ComplexityFactors {
  /** How long the question is. */
  length: number;
  /** How much has to be thought: proofs, designs, comparisons, several steps. */
  reasoning: number;
  /** How much knowledge of a field is needed. */
  domain: number;
  /** How much has to be taken into account: conditions, turns, documents, tools, pictures. */
  context: number;
  /** How long and how shaped the answer has to be. */
  output: number;
}

export interface ComplexityInput {
  /** The last message of the user. */
  readonly text: string;
  readonly systemText?: string;
  /** Messages of the user so far, this one included. */
  readonly turns: number;
  /** Estimated tokens of the whole prompt. */
  readonly contextTokens: number;
  readonly maxOutputTokens?: number;
  readonly hasTools: boolean;
  readonly hasImages: boolean;
  readonly wantsStructuredOutput: boolean;
  /** A name by which the caller calls the task: `summarization`, `code`, `reasoning`, … Others are ignored. */
  readonly taskType?: string;
}

export interface ComplexityEstimate {
  /** 0-1: the weighted mean of the factors. */
  readonly complexity: number;
  /** By the usual limits: `economy` below .3, `premium` from .7. */
  readonly tier: ModelTier;
  readonly factors: Readonly<ComplexityFactors>;
  readonly language: TextLanguage;
}

/** What a named task adds to the signs of reasoning and of output. */
const taskSigns: ReadonlyMap<string, readonly [reasoning: number, output: number]> = new Map([
  ['summarization', [0.6, 0.4]],
  ['extraction', [0.5, 0.4]],
  ['rewriting', [0.5, 0.4]],
  ['translation', [0.3, 0.3]],
  ['code', [1, 0.8]],
  ['code_generation', [1, 0.8]],
  ['analysis', [1.2, 0.6]],
  ['reasoning', [1.5, 0.5]],
  ['math', [1.5, 0.5]],
  ['planning', [1.2, 0.8]],
  ['agent', [1.2, 0.6]],
]);

/** Rises from 0 towards 1; `half` is where it is a half. */
const saturate = (value: number, half: number): number => 1 - 2 ** (-value / half);
/** Rises with the logarithm from 0 at 0 to 1 at `full`. */
const logScale = (value: number, unit: number, full: number): number =>
  Math.min(1, Math.log1p(value / unit) / Math.log1p(full / unit));

function factorsOf(input: ComplexityInput): ComplexityFactors {
  const signs = scanRequestText(input.text);
  const [taskReasoning, taskOutput] = taskSigns.get(input.taskType ?? '') ?? [0, 0];
  const otherTokens = Math.max(0, input.contextTokens - signs.tokens);
  const isAnswerLong = input.maxOutputTokens === undefined ? 0 : logScale(input.maxOutputTokens, 500, 16_000);
  const demands =
    signs.demand +
    0.15 * Math.max(0, signs.parts - 1) +
    0.08 * signs.numbers +
    (input.hasTools ? 0.8 : 0) +
    (input.hasImages ? 0.8 : 0) +
    0.25 * Math.min(12, Math.max(0, input.turns - 1)) +
    1.6 * logScale(otherTokens, 400, 30_000) +
    (input.systemText ? 0.3 * logScale(input.systemText.length, 400, 8_000) : 0);
  return {
    length: logScale(signs.tokens, 12, 130),
    reasoning: saturate(signs.reasoning + taskReasoning, 0.75),
    domain: saturate(signs.domain + 0.05 * signs.symbols + 0.06 * signs.numbers, 1.3),
    context: saturate(demands, 0.9),
    output: saturate(
      signs.output + taskOutput + (input.wantsStructuredOutput ? 0.4 : 0) + 0.8 * isAnswerLong + 0.1 * signs.demand,
      0.7,
    ),
  };
}

/**
 * How demanding a request is, from 0 to 1, by five factors, and the tier of model it calls for. By signs in the text alone: no model is asked.
 * No factor falls when text, turns, tools or further tokens are added (within the 8,000 characters that are read). `weights` are brought
 * to a sum of 1; where none is above 0 the usual ones hold. Linear in at most 8,000 characters; some µs. Never throws.
 */
export function estimateComplexity(
  input: ComplexityInput,
  weights: ComplexityWeights = defaultComplexityWeights,
): ComplexityEstimate {
  const factors = factorsOf(input);
  const chosen = sumOfWeights(weights) > 0 ? weights : defaultComplexityWeights;
  const { length, reasoning, domain, context, output } = chosen;
  const weighted =
    length * factors.length +
    reasoning * factors.reasoning +
    domain * factors.domain +
    context * factors.context +
    output * factors.output;
  const complexity = Math.min(1, Math.max(0, weighted / sumOfWeights(chosen)));
  return {
    complexity,
    tier: tierOfComplexity(complexity, defaultRoutingSettings),
    factors,
    language: languageOf(input.text),
  };
}

const sumOfWeights = ({ length, reasoning, domain, context, output }: ComplexityWeights): number =>
  length + reasoning + domain + context + output;
