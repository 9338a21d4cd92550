import type { Dialect } from '@costlane/contracts';

/** A request's body with an experiment's instructions before its own. */
export function withSystemPrompt(dialect: Dialect, raw: Buffer, prompt: string): Buffer {
  if (dialect === 'openai.embeddings') return raw;
  const body = JSON.parse(raw.toString('utf8')) as Record<string, unknown>;
  if (dialect === 'openai.chat') {
    const messages = Array.isArray(body['messages']) ? (body['messages'] as unknown[]) : [];
    body['messages'] = [{ role: 'system', content: prompt }, ...messages];
  } else if (dialect === 'openai.responses') {
    const own = body['instructions'];
    body['instructions'] = typeof own === 'string' && own !== '' ? `${prompt}\n\n${own}` : prompt;
  } else {
    const own = body['system'];
    body['system'] = Array.isArray(own)
      ? [{ type: 'text', text: prompt }, ...(own as unknown[])]
      : typeof own === 'string' && own !== ''
        ? `${prompt}\n\n${own}`
        : prompt;
  }
  return Buffer.from(JSON.stringify(body));
}
