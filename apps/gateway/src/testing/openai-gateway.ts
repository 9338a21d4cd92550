import { createPolicy, type PolicyModel } from '@costlane/domain';
import { decision, end, type Asked } from './scripted-inference';
import { testGateway } from './test-gateway';

const modelOf = (name: string, more: Partial<PolicyModel>): PolicyModel => ({ ...decision.model, name, ...more });
/** A model that speaks OpenAI's dialects, one that speaks chat only, and models that embed. */
export const policy = createPolicy({
  version: '1-test',
  defaultModel: 'gpt-4o-mini',
  models: [
    decision.model,
    modelOf('llama', { provider: 'vllm', upstreamModel: 'llama-up' }),
    modelOf('embeds', { kind: 'embedding', upstreamModel: 'embeds-up' }),
    modelOf('embeds-otherwise', { kind: 'embedding', provider: 'cohere' }),
  ],
});

export const gateway = (onAsk?: (asked: Asked) => void) => testGateway({ policy, onAsk });
export const post = (url: string, payload: unknown, headers: Record<string, string> = {}) =>
  ({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  }) as const;
/** Answers with these bytes at once. */
export const wholeAnswer =
  (body: string) =>
  ({ listener }: Asked): void =>
    listener.whole({ ...end(), form: 'json', body: Buffer.from(body) });
export const bodyOf = (asked: Asked | undefined, upstreamModel = 'up'): unknown =>
  JSON.parse(String(asked?.request.upstreamBody(upstreamModel)));
