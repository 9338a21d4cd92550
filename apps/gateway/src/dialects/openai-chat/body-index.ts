import { hash } from 'node:crypto';
import { fingerprint, type NormalizationMode } from '@costlane/domain';
import { LRUCache } from 'lru-cache';
import { parseChatRequest } from './parse-request';
import type { BodyFacts } from './upstream-body';

/** What the gateway has to know of a body, found once for each different body. */
export interface IndexedBody extends BodyFacts {
  bodyHash: string;
  /** Cache key for a tenant's use of this body with a model. */
  fingerprintFor(model: string): string;
}

/** Some 600 bytes each. Far more than the memory tier has answers: what Redis answers was asked before, too. */
const MAX_ENTRIES = 30_000;
/** Bodies are not kept; an entry is its facts and the parsed request's fingerprints. */
const MAX_TEXT_BYTES = 64 * 1024;

/**
 * Facts of request bodies by the hash of their bytes: a body seen before is neither parsed nor validated nor made canonical again.
 * The tenant is part of the key, so that its timing says nothing about another tenant.
 */
export function createBodyIndex(normalize?: NormalizationMode) {
  const known = new LRUCache<string, IndexedBody>({ max: MAX_ENTRIES });
  return (tenantId: string, raw: Buffer): IndexedBody => {
    const bodyHash = hash('sha256', raw, 'base64');
    const key = `${bodyHash}${tenantId}`;
    const seen = known.get(key);
    if (seen) return seen;
    const facts = readFacts(tenantId, raw, bodyHash, normalize);
    if (raw.length <= MAX_TEXT_BYTES) known.set(key, facts);
    return facts;
  };
}

function readFacts(
  tenantId: string,
  raw: Buffer,
  bodyHash: string,
  normalize: NormalizationMode | undefined,
): IndexedBody {
  const { model, ...content } = parseChatRequest(raw);
  // The content is hashed once and not kept: what is left to add is the model, which the policy may change.
  const contentKey = fingerprint({ tenantId, dialect: 'openai.chat' }, content, normalize);
  let last = { model: '', key: '' };
  return {
    bodyHash,
    model,
    stream: content.stream === true,
    hasStreamOptions: content.stream_options !== undefined,
    includeUsage: content.stream_options?.include_usage === true,
    fingerprintFor(name) {
      if (last.model !== name) last = { model: name, key: hash('sha256', `${contentKey}/${name}`, 'hex') };
      return last.key;
    },
  };
}
