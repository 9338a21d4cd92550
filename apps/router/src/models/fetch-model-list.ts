import { z } from 'zod';

export interface ListedModel {
  readonly name: string;
  /** 0 when the server does not say. */
  readonly contextTokens: number;
}

export interface ModelListOptions {
  /** With its version, as for an OpenAI client: `http://host:8000/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  /** For the whole exchange, the body included. */
  readonly timeoutMs: number;
}

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_MODELS = 5_000;

/** OpenAI's list of models; `max_model_len` is vLLM's. Entries of another shape are passed over. */
const listSchema = z.object({ data: z.array(z.unknown()).max(MAX_MODELS) });
const modelSchema = z.object({
  id: z.string().min(1).max(256),
  max_model_len: z.number().int().positive().nullish(),
});

/**
 * Asks an OpenAI-compatible server which models it has.
 * @throws Error with a reason in a few words: not reached, too slow, status, not JSON, another shape, too large.
 */
export async function fetchModelList({ baseUrl, apiKey, timeoutMs }: ModelListOptions): Promise<ListedModel[]> {
  const response = await fetch(`${baseUrl.replace(/\/+$/, '')}/models`, {
    headers: { accept: 'application/json', ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}) },
    signal: AbortSignal.timeout(timeoutMs),
    // A redirect would carry the key to a place that nobody configured.
    redirect: 'error',
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`the server answered with status ${response.status}`);
  }
  const list = listSchema.safeParse(parseJson(await readBounded(response)));
  if (!list.success) throw new Error('the answer is not a list of models');
  return list.data.data.flatMap((entry) => {
    const model = modelSchema.safeParse(entry);
    return model.success ? [{ name: model.data.id, contextTokens: model.data.max_model_len ?? 0 }] : [];
  });
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array;
    sizeBytes += bytes.length;
    if (sizeBytes > MAX_BODY_BYTES) throw new Error(`the answer is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('the answer is not JSON');
  }
}
