import { z } from 'zod';
import { parseJson, validate } from '../openai-chat/parse-request';

const MAX_INPUTS = 2_048;
const tokens = z.array(z.number().int().nonnegative()).min(1);

/** What must hold before a provider is asked. Fields that are not named here pass through untouched. */
const embeddingsSchema = z.looseObject({
  model: z.string().max(256).optional(),
  input: z.union(
    [
      z.string().min(1, { error: 'must not be empty' }),
      z
        .array(z.string().min(1, { error: 'must not be empty' }))
        .min(1)
        .max(MAX_INPUTS),
      tokens,
      z.array(tokens).min(1).max(MAX_INPUTS),
    ],
    {
      error: `has to be a text that is not empty, a list of at most ${MAX_INPUTS} of them, a list of tokens, or a list of those`,
    },
  ),
  dimensions: z.number().int().positive().nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
});

export type EmbeddingsRequest = z.infer<typeof embeddingsSchema>;

/** JSON and shape of an embedding request. Throws `invalid_json`, or `invalid_request` that names the field. */
export const parseEmbeddingsRequest = (body: Buffer): EmbeddingsRequest => validate(embeddingsSchema, parseJson(body));
