import { hash } from 'node:crypto';
import { CostlaneError, fingerprint, type RouteDecision } from '@costlane/domain';
import { LRUCache } from 'lru-cache';
import type { DoorBody, DoorQuestion } from '../../doors/model-door';
import { speaks } from '../native-dialects';
import { upstreamBody, type BodyFacts } from '../openai-chat/upstream-body';
import { parseEmbeddingsRequest } from './parse-request';

/** An embedding request, before its model is known. */
export interface EmbeddingsBody extends DoorBody, BodyFacts {
  contentKey: string;
}

const MAX_ENTRIES = 10_000;
/** Bodies are not kept; an entry is its facts. */
const MAX_TEXT_BYTES = 64 * 1024;

/** Facts of request bodies by the hash of their bytes, as for chats. */
export function createEmbeddingsIndex() {
  const known = new LRUCache<string, EmbeddingsBody>({ max: MAX_ENTRIES });
  return (tenantId: string, raw: Buffer): EmbeddingsBody => {
    const bodyHash = hash('sha256', raw, 'base64');
    const key = `${bodyHash}${tenantId}`;
    const seen = known.get(key);
    if (seen) return seen;
    const facts = readFacts(tenantId, raw, bodyHash);
    if (raw.length <= MAX_TEXT_BYTES) known.set(key, facts);
    return facts;
  };
}

function readFacts(tenantId: string, raw: Buffer, bodyHash: string): EmbeddingsBody {
  const { model, ...content } = parseEmbeddingsRequest(raw);
  // To the letter: a vector is of the text as it is. The encoding counts, for answers are passed on as they came.
  const contentKey = fingerprint({ tenantId, dialect: 'openai.embeddings' }, content, 'off');
  return { bodyHash, model, stream: false, hasStreamOptions: false, includeUsage: false, contentKey };
}

/** The question for the chosen model. Throws where its provider has a format of its own for embeddings. */
export function embeddingsQuestion(body: EmbeddingsBody, raw: Buffer, decision: RouteDecision): DoorQuestion {
  const { model, cacheModel } = decision;
  if (!speaks(model, 'openai.embeddings')) {
    const message = `"${model.name}" of ${model.provider} embeds in a format of its own, which is not translated; name a model that embeds in OpenAI's.`;
    throw new CostlaneError('invalid_request', message, { field: 'model' });
  }
  return {
    dialect: 'openai.embeddings',
    fingerprint: hash('sha256', `${body.contentKey}/${cacheModel}`, 'hex'),
    upstreamBody: (upstreamModel) => upstreamBody(raw, body, upstreamModel),
    needs: () => ({}),
    mayUseSemanticCache: false,
  };
}
