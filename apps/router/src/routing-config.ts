import {
  autoModel,
  dataPolicies,
  defaultComplexityWeights,
  defaultRoutingSettings,
  modelTiers,
  routingStrategies,
  type RoutingSettings,
} from '@costlane/domain';
import { booleanSetting } from '@costlane/platform';
import { z } from 'zod';

const share = z.coerce.number().min(0).max(1);

/** Names with commas between them. */
const names = z
  .string()
  .default('')
  .transform((value) =>
    value
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  );

/** A setting that holds JSON of a shape; empty: its default. */
const jsonSetting = <T extends z.ZodType>(shape: T, otherwise: z.output<T>) =>
  z
    .string()
    .default('')
    .transform((value, context) => {
      if (value.trim() === '') return otherwise;
      try {
        const parsed = shape.safeParse(JSON.parse(value));
        if (parsed.success) return parsed.data;
        const [issue] = parsed.error.issues;
        context.addIssue({ code: 'custom', message: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong'}` });
      } catch {
        context.addIssue({ code: 'custom', message: 'must be JSON' });
      }
      return z.NEVER;
    });

const weight = z.number().min(0).max(100);
const weightsShape = z
  .strictObject({ length: weight, reasoning: weight, domain: weight, context: weight, output: weight })
  .partial()
  .transform((weights) => ({ ...defaultComplexityWeights, ...weights }))
  .refine((weights) => Object.values(weights).some((each) => each > 0), 'one weight at least must be above 0');
const rulesShape = z
  .array(
    z
      .strictObject({
        id: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/i, 'letters, digits, - and _'),
        keywords: z.array(z.string().min(1).max(200)).min(1).max(500),
        tier: z.enum(modelTiers).optional(),
        model: z.string().min(1).optional(),
      })
      .refine(({ tier, model }) => tier !== undefined || model !== undefined, 'a rule names a tier or a model'),
  )
  .max(200);

/** Settings that say how a model is chosen; see `.env.example` for each one's meaning. */
export const routingSettingsShape = {
  DEFAULT_MODEL: z.string().trim().default('auto'),
  ROUTING_STRATEGY: z.enum(routingStrategies).default(defaultRoutingSettings.strategy),
  ROUTING_COST_WEIGHT: share.default(defaultRoutingSettings.costWeight),
  COST_WEIGHT: share.optional(),
  ROUTING_COMPLEXITY_WEIGHTS: jsonSetting(weightsShape, defaultComplexityWeights),
  ROUTING_STANDARD_FROM: share.default(defaultRoutingSettings.standardFrom),
  ROUTING_PREMIUM_FROM: share.default(defaultRoutingSettings.premiumFrom),
  ROUTING_RAISE_FROM: share.default(defaultRoutingSettings.raiseFrom),
  ROUTING_LOWER_BELOW: share.default(defaultRoutingSettings.lowerBelow),
  ROUTING_RULES: jsonSetting(rulesShape, []),
  ROUTING_MODELS: names,
  ROUTING_BASELINE_MODEL: z.string().trim().default(''),
  ROUTING_CONFIDENCE_ENABLED: booleanSetting.default(defaultRoutingSettings.isConfidenceChecked),
  ROUTING_MIN_TOKEN_PROBABILITY: share.default(defaultRoutingSettings.minTokenProbability),
  SECURE_MODELS: names,
  DATA_POLICY: z.enum(dataPolicies).default(defaultRoutingSettings.dataPolicy),
};

/** The settings as the policy carries them. */
export function routingSettingsOf(env: z.output<z.ZodObject<typeof routingSettingsShape>>): RoutingSettings {
  return {
    strategy: env.ROUTING_STRATEGY,
    costWeight: env.COST_WEIGHT ?? env.ROUTING_COST_WEIGHT,
    complexityWeights: env.ROUTING_COMPLEXITY_WEIGHTS,
    standardFrom: env.ROUTING_STANDARD_FROM,
    premiumFrom: env.ROUTING_PREMIUM_FROM,
    raiseFrom: env.ROUTING_RAISE_FROM,
    lowerBelow: env.ROUTING_LOWER_BELOW,
    rules: env.ROUTING_RULES,
    isUnnamedRouted: env.DEFAULT_MODEL === '' || env.DEFAULT_MODEL === autoModel,
    autoModels: env.ROUTING_MODELS,
    baselineModel: env.ROUTING_BASELINE_MODEL,
    isConfidenceChecked: env.ROUTING_CONFIDENCE_ENABLED,
    minTokenProbability: env.ROUTING_MIN_TOKEN_PROBABILITY,
    dataPolicy: env.DATA_POLICY,
  };
}
