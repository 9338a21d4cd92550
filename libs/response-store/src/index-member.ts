import type { CachedAnswerHeader, CacheFill } from '@costlane/contracts';
import type { CacheInvalidation } from './memory-tier';

/** What an index knows of an entry: enough to find it by key, model or tag. */
export function indexMember(
  fingerprint: string,
  { modelAsked, modelUsed }: Pick<CachedAnswerHeader, 'modelAsked' | 'modelUsed'>,
  tag: string | undefined,
): string {
  return [fingerprint, ...[modelAsked, modelUsed, tag ?? ''].map(encodeURIComponent)].join('|');
}

export const memberOf = ({ fingerprint, entry, tag }: CacheFill): string => indexMember(fingerprint, entry, tag);

export const fingerprintOf = (member: string): string => member.slice(0, member.indexOf('|'));

/** Whether an invalidation means the entry. */
export function isMemberMeant(member: string, message: CacheInvalidation): boolean {
  if (message.all) return true;
  const [key, asked, used, tag] = member.split('|');
  if (message.key !== undefined) return key === message.key;
  if (message.model !== undefined) return [asked, used].includes(encodeURIComponent(message.model));
  return message.tag !== undefined && tag === encodeURIComponent(message.tag);
}
