// The policies that are compared: each chooses a model for a prompt, by a fixed name or by the product's own rules.
import { existsSync, readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import { describeErrors } from './schema-errors.mjs';

const share = { type: 'number', minimum: 0, maximum: 1 };
const text = { type: 'string', minLength: 1 };
const weight = { type: 'number', minimum: 0, maximum: 100 };
const tiers = { enum: ['economy', 'standard', 'premium'] };

const factors = ['length', 'reasoning', 'domain', 'context', 'output'];

/** Settings of the router that a policy may change; what it leaves out is the default. */
export const settingsSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    strategy: { enum: ['cost_optimal', 'latency_optimal', 'balanced'] },
    costWeight: share,
    complexityWeights: {
      type: 'object',
      required: factors,
      additionalProperties: false,
      properties: Object.fromEntries(factors.map((factor) => [factor, weight])),
    },
    standardFrom: share,
    premiumFrom: share,
    raiseFrom: share,
    lowerBelow: share,
    rules: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'keywords'],
        additionalProperties: false,
        properties: { id: text, keywords: { type: 'array', minItems: 1, items: text }, tier: tiers, model: text },
      },
    },
    isUnnamedRouted: { type: 'boolean' },
    autoModels: { type: 'array', items: text },
    baselineModel: { type: 'string' },
    isConfidenceChecked: { type: 'boolean' },
    minTokenProbability: share,
  },
};

const policySchema = {
  type: 'array',
  minItems: 1,
  items: {
    type: 'object',
    required: ['name'],
    additionalProperties: false,
    properties: {
      name: text,
      tier: tiers,
      model: text,
      settings: settingsSchema,
      hasPredictor: { type: 'boolean' },
      quality: { enum: ['low', 'medium', 'high'] },
      userTier: { enum: ['free', 'standard', 'premium'] },
      isLive: { type: 'boolean' },
    },
  },
};

const validate = new Ajv2020({ strict: false, verbose: true }).compile(policySchema);

const settings = (name, changed, more) => ({ name, settings: changed, ...more });

/** Compared where no file of policies is given. */
export const defaultPolicies = [
  { name: 'always economy', tier: 'economy' },
  { name: 'always standard', tier: 'standard' },
  { name: 'always premium', tier: 'premium' },
  settings('cost_optimal', {}),
  settings('balanced', { strategy: 'balanced' }),
  settings('latency_optimal', { strategy: 'latency_optimal' }),
  settings('cost_optimal, no predictor', {}, { hasPredictor: false }),
  settings('cost_optimal, no confidence check', { isConfidenceChecked: false }),
  settings('cost_optimal, neither', { isConfidenceChecked: false }, { hasPredictor: false }),
  settings('thresholds 0.15 / 0.45', { standardFrom: 0.15, premiumFrom: 0.45 }),
  settings('thresholds 0.2 / 0.6', { standardFrom: 0.2, premiumFrom: 0.6 }),
  settings('thresholds 0.4 / 0.8', { standardFrom: 0.4, premiumFrom: 0.8 }),
  settings('raise from 0.2', { raiseFrom: 0.2 }),
  { name: 'cost_optimal, quality high', settings: {}, quality: 'high' },
];

/** With a running system, its own choice as well. */
export const livePolicies = [{ name: 'auto, as it runs there', isLive: true }, ...defaultPolicies];

/** Policies of a text; errors name `name`, the policy and the field. */
export function parsePolicies(content, name, { isLive = false } = {}) {
  let policies;
  try {
    policies = JSON.parse(content);
  } catch (error) {
    throw new Error(`${name}: not JSON: ${error.message}`, { cause: error });
  }
  if (!validate(policies)) throw new Error(`${name}: ${describeErrors(validate.errors)}`);
  const seen = new Set();
  for (const policy of policies) {
    const fail = (why) => {
      throw new Error(`${name}: policy "${policy.name}": ${why}`);
    };
    if (seen.has(policy.name)) fail('the name stands there twice');
    seen.add(policy.name);
    if ([policy.tier, policy.model, policy.settings, policy.isLive || undefined].filter(Boolean).length > 1)
      fail('"tier", "model", "settings" and "isLive" exclude one another');
    if (policy.isLive && !isLive) fail('"isLive" needs --url');
  }
  return policies;
}

/** The same from a file. */
export function readPolicies(file, options) {
  if (!existsSync(file)) throw new Error(`${file}: there is no such file`);
  return parsePolicies(readFileSync(file, 'utf8'), file, options);
}
