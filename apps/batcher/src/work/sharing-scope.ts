import { hash } from 'node:crypto';
import type { JobHeader } from '@costlane/contracts';

/**
 * What has to be equal, besides tenant, target and question, where one answer is to serve two jobs; undefined for a job whose answer is its own: a stream, a check of the
 * cache, one with an idempotency key, one of the holdout, one whose answer must not be stored. How much time the caller gave is part of it in steps of double: a worker takes a slower and
 * cheaper service where there is time. So is whether a like question's answer will do, and how like: the one that identical requests join may be answered by that.
 */
export function sharingScope(header: JobHeader, nowMs: number): string | undefined {
  if (header.stream || header.audit || header.idempotency || header.isHoldout) return undefined;
  if (header.fingerprint === undefined) return undefined;
  const { dialect, model, cacheModel, expectsJson, semantic, minSimilarity, fallbacks, confidence } = header;
  const plain = `${dialect} ${model} ${cacheModel ?? ''} ${expectsJson ? 'json' : ''}`;
  const time = header.isDeadlineExplicit ? Math.floor(Math.log2(Math.max(1, header.deadlineAtMs - nowMs))) : '';
  const onwards = fallbacks || confidence ? hash('sha256', JSON.stringify([fallbacks, confidence]), 'base64') : '';
  const likeness = semantic ? `like${minSimilarity ?? ''}` : '';
  return `${plain} ${time} ${likeness} ${onwards}`;
}
