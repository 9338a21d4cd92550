import { hash } from 'node:crypto';
import { targetTier, tierOfComplexity, type RoutingPolicy } from '@costlane/domain';
import { successEnvelope } from '@costlane/platform';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { RoutePlanner } from '../core/routing/route-planner';
import { chatBody } from '../dialects/costlane/chat-body';
import { readInference } from '../dialects/costlane/read-request';
import { parseJson } from '../dialects/openai-chat/parse-request';
import type { Admission } from './admission';

export const ENDPOINT = '/debug/estimate-complexity';
const EMPTY = Buffer.alloc(0);
const share = z.number().min(0).max(1);

/** What is thought of a request, and what would come of it. */
export const complexitySchema = z.object({
  complexity: share,
  tier: z.string().describe('The tier of the complexity alone.'),
  factors: z.record(z.string(), share).describe('The five factors before they are weighed.'),
  weights: z.record(z.string(), z.number()).nullable(),
  predicted_gain: share.nullable().describe('Probability that only a stronger model will do.'),
  language: z.string().nullable(),
  target_tier: z.string().nullable().describe('After rules, prediction, quality and user are taken into account.'),
  route: z.string().nullable(),
  reason: z.string().nullable(),
  prompt_tokens: z.number().int().describe('Estimated.'),
  expected_output_tokens: z.number().int(),
});

/** `POST /debug/estimate-complexity`: takes what `/v1/inference` takes, asks no model and tells how it would be judged. */
export function registerComplexityDoor(
  fastify: FastifyInstance,
  deps: { admission: Admission; planner: RoutePlanner; policy: () => RoutingPolicy | undefined },
): void {
  fastify.post(ENDPOINT, async (request) => {
    const { tenantId } = await deps.admission.admit(request.headers);
    const input = readInference(parseJson((request.body as Buffer | undefined) ?? EMPTY));
    const raw = chatBody(input, false);
    const content = deps.planner.contentOf(tenantId, hash('sha256', raw, 'base64'), () => raw, input.task_type);
    const settings = deps.policy()?.settings;
    const target = settings && targetTier(settings, content, { quality: input.quality });
    return successEnvelope({
      complexity: rounded(content.complexity),
      tier: settings ? tierOfComplexity(content.complexity, settings) : null,
      factors: Object.fromEntries(Object.entries(content.factors).map(([name, value]) => [name, rounded(value)])),
      weights: settings?.complexityWeights ?? null,
      predicted_gain: content.predictedGain === undefined ? null : rounded(content.predictedGain),
      language: content.language ?? null,
      target_tier: target?.tier ?? null,
      route: target?.route ?? null,
      reason: target?.reason ?? null,
      prompt_tokens: content.promptTokens,
      expected_output_tokens: content.expectedOutputTokens,
    });
  });
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
