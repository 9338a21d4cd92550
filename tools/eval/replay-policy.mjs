// The policy that past traffic is replayed against: the router's default settings with what a file changes, over models with list prices.
import { existsSync, readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import { settingsSchema } from './policies.mjs';
import { describeErrors } from './schema-errors.mjs';

const text = { type: 'string', minLength: 1 };
const names = { type: 'array', items: text };

const fileSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    settings: settingsSchema,
    defaultModel: text,
    hasPredictor: { type: 'boolean' },
    /** Besides those of the traffic: `model`, or `provider/model`. */
    models: names,
    tenants: {
      type: 'array',
      items: {
        type: 'object',
        required: ['tenantId'],
        additionalProperties: false,
        properties: {
          tenantId: text,
          strategy: settingsSchema.properties.strategy,
          costWeight: settingsSchema.properties.costWeight,
          allowSubstitution: { type: 'boolean' },
          models: names,
        },
      },
    },
  },
};

const validate = new Ajv2020({ strict: false, verbose: true }).compile(fileSchema);

/** The document of a policy; errors name `name` and the field. */
export function parsePolicyFile(content, name) {
  let document;
  try {
    document = JSON.parse(content);
  } catch (error) {
    throw new Error(`${name}: not JSON: ${error.message}`, { cause: error });
  }
  if (!validate(document)) throw new Error(`${name}: ${describeErrors(validate.errors)}`);
  return document;
}

export function readPolicyFile(file) {
  if (file === undefined) return {};
  if (!existsSync(file)) throw new Error(`${file}: there is no such file`);
  return parsePolicyFile(readFileSync(file, 'utf8'), file);
}

const usualProviders = ['openai', 'anthropic', 'google', 'cohere', 'mock'];

/** Finds a model by its name, with or without its provider before it; providers of the traffic first. */
export function createModelFinder(library, catalog, seenProviders) {
  const providers = [...new Set([...seenProviders, ...usualProviders])];
  return function find(name, provider) {
    const slash = name.indexOf('/');
    const asked =
      provider ?? (slash > 0 && providers.includes(name.slice(0, slash)) ? name.slice(0, slash) : undefined);
    const model = asked !== undefined && provider === undefined ? name.slice(slash + 1) : name;
    for (const candidate of asked === undefined ? providers : [asked]) {
      const found = catalog.find({ provider: candidate, model });
      if (!found.ok) continue;
      const { price } = found.value;
      const facts = catalog.facts(candidate, model);
      return {
        name: model,
        provider: candidate,
        upstreamModel: model,
        isEnabled: true,
        isBreakerOpen: false,
        price,
        tier: facts?.tier ?? library.autoChoiceOf(candidate, model, facts)?.tier ?? library.tierOfPrice(price),
        contextTokens: facts?.contextTokens ?? 0,
        maxOutputTokens: facts?.maxOutputTokens ?? 0,
        ...(facts?.capabilities ? { capabilities: facts.capabilities } : {}),
        ...(facts?.quality ? { quality: facts.quality.value } : {}),
        ...(/embed/.test(model) ? { kind: 'embedding' } : {}),
      };
    }
    return undefined;
  };
}

/**
 * The policy, and the models of the traffic whose price is not known. `auto` chooses from the models that the settings name, else from those
 * that it had to choose from in the traffic (where nothing left the choice: all of it), and those of the file. Throws where the file names a
 * model that is not known.
 */
export function policyFor(library, { document, find, seen }) {
  const models = new Map();
  const unknown = [];
  for (const { name, provider } of seen) {
    const model = find(name, provider) ?? find(name);
    if (model) models.set(name, { ...model, name });
    else unknown.push(name);
  }
  const { settings = {}, tenants = [], defaultModel } = document;
  const ruled = (settings.rules ?? []).flatMap(({ model }) => model ?? []);
  const named = [
    ...(document.models ?? []),
    ...(settings.autoModels ?? []),
    ...ruled,
    ...(defaultModel ? [defaultModel] : []),
  ];
  for (const name of named) {
    if (models.has(name)) continue;
    const model = find(name);
    if (!model)
      throw new Error(`the policy names the model "${name}", whose price is not known; give prices with --prices`);
    models.set(model.name, model);
  }
  const open = seen.filter(({ isOpen }) => isOpen);
  const short = (name) => (models.has(name) ? name : find(name).name);
  const pool = (settings.autoModels ?? []).map(short);
  const usual = [...(open.length > 0 ? open : seen).map(({ name }) => name), ...(document.models ?? []).map(short)];
  const autoModels = pool.length > 0 ? pool : [...new Set(usual)].filter((name) => models.has(name));
  const policy = library.createPolicy({
    version: 'what-if',
    models: models.values(),
    settings: { ...library.defaultRoutingSettings, ...settings, autoModels },
    defaultModel: defaultModel === undefined ? '' : short(defaultModel),
    tenants: new Map(tenants.map((tenant) => [tenant.tenantId, tenant])),
  });
  return { policy, unknown };
}
