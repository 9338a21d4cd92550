import type { PolicyModel, RoutingPolicy } from '@costlane/domain';
import { defaultRoutingSettings } from '@costlane/domain';
import Ajv from 'ajv/dist/2020';
import createFastify from 'fastify';
import { modelDescription } from '../openapi/models-schema';
import type { Admission } from './admission';
import { registerModelsDoor } from './models-door';

const able = {
  tools: true,
  vision: false,
  audio: false,
  jsonMode: true,
  jsonSchema: true,
  reasoning: false,
  logprobs: true,
};

const model = (name: string, rest: Partial<PolicyModel> = {}): PolicyModel => ({
  name,
  provider: 'vllm',
  upstreamModel: name,
  isEnabled: true,
  tier: 'standard',
  isBreakerOpen: false,
  contextTokens: 0,
  maxOutputTokens: 0,
  ...rest,
});

async function listed(...models: PolicyModel[]): Promise<Record<string, unknown>[]> {
  const policy: RoutingPolicy = {
    version: '1-x',
    defaultModel: '',
    models: new Map(models.map((entry) => [entry.name, entry])),
    settings: defaultRoutingSettings,
    tenants: new Map(),
    experiments: new Map(),
  };
  const caller = { tenantId: 'default' };
  const admission = { admit: () => caller, identify: () => caller } as unknown as Admission;
  const fastify = createFastify();
  registerModelsDoor(fastify, { policy: () => policy, admission });
  const reply = await fastify.inject('/models');
  await fastify.close();
  return reply.json<{ data: { models: Record<string, unknown>[] } }>().data.models;
}

describe('/models', () => {
  it('says what a model can do, how much it holds and how good it is', async () => {
    const known = model('a', { contextTokens: 8_192, maxOutputTokens: 4_096, capabilities: able, quality: 0.689 });
    expect(await listed(known)).toMatchObject([
      {
        context_tokens: 8_192,
        max_output_tokens: 4_096,
        capabilities: {
          tools: true,
          vision: false,
          audio: false,
          json_mode: true,
          json_schema: true,
          reasoning: false,
          logprobs: true,
        },
        quality: 0.689,
      },
    ]);
  });

  it('says null, not zero and not no, where nothing is known', async () => {
    expect(await listed(model('a'))).toMatchObject([
      { context_tokens: null, max_output_tokens: null, capabilities: null, quality: null },
    ]);
  });

  it('shows breaker and switch', async () => {
    expect(await listed(model('a', { isBreakerOpen: true }), model('b', { isEnabled: false }))).toMatchObject([
      { health: 'failing', circuit_breaker_open: true },
      { health: 'disabled', circuit_breaker_open: false },
    ]);
  });

  it('is what the OpenAPI document says, field by field', async () => {
    const answers = await listed(model('a'), model('b', { capabilities: able, quality: 1, contextTokens: 1 }));
    const isDescribed = new Ajv({ strict: false }).compile({ ...modelDescription, additionalProperties: false });
    for (const answer of answers) expect([isDescribed(answer), isDescribed.errors]).toEqual([true, null]);
  });
});
