import type { FeedbackReply, FeedbackRequest } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { successEnvelope } from '@costlane/platform';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { readShape } from '../dialects/costlane/read-request';
import { parseJson } from '../dialects/openai-chat/parse-request';
import type { Admission } from './admission';

export interface FeedbackDoorDeps {
  admission: Admission;
  feedback: (request: FeedbackRequest) => Promise<FeedbackReply>;
}

/** What a caller may say of an answer. */
export const feedbackSchema = z.strictObject({
  request_id: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('The X-Request-Id of an answer that came from the semantic cache.'),
  cache_key: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'has to be 64 hexadecimal digits, as the X-Cache-Key header gives them')
    .optional()
    .describe('Or the X-Cache-Key of any answer that is kept.'),
  verdict: z.enum(['right', 'wrong']).describe('wrong: the answer is thrown away at once, at every gateway.'),
});

const EMPTY = Buffer.alloc(0);

/** `POST /v1/feedback`: a wrong answer from the cache is evicted before the reply, and counts in the tenant's false-hit rate. */
export function registerFeedbackDoor(fastify: FastifyInstance, { admission, feedback }: FeedbackDoorDeps): void {
  fastify.post('/v1/feedback', async (request) => {
    const { tenantId } = await admission.admit(request.headers);
    const asked = readShape(feedbackSchema, parseJson((request.body as Buffer | undefined) ?? EMPTY));
    const { isKnown, removedEntries } = await feedback({
      tenantId,
      what: whatOf(asked),
      isWrong: asked.verdict === 'wrong',
    });
    if (!isKnown) {
      const message =
        'No answer of the cache is known by that name: it was not from the semantic cache, was judged before, or has expired. An answer can also be named by its X-Cache-Key.';
      throw new CostlaneError('not_found', message, {
        field: asked.request_id === undefined ? 'cache_key' : 'request_id',
      });
    }
    return successEnvelope({ verdict: asked.verdict, removed_entries: removedEntries });
  });
}

function whatOf({ request_id: requestId, cache_key: key }: z.infer<typeof feedbackSchema>): FeedbackRequest['what'] {
  if ((requestId === undefined) === (key === undefined))
    throw new CostlaneError('invalid_request', 'Exactly one of "request_id" and "cache_key" has to be given.', {
      field: 'request_id',
    });
  return key === undefined ? { $case: 'requestId', value: requestId ?? '' } : { $case: 'key', value: key };
}
