import type { CachedAnswerHeader } from '@costlane/contracts';
import type { CachedAnswer } from '../answer';

/** An answer with ordinary values where a test does not care; asked just now. */
export function sampleAnswer({
  body = Buffer.from('{"ok":true}'),
  tag,
  ...header
}: Partial<CachedAnswerHeader> & { body?: Buffer; tag?: string } = {}): CachedAnswer {
  return {
    header: {
      v: 1,
      form: 'json',
      provider: 'mock',
      modelAsked: 'm',
      modelUsed: 'm',
      baselineNanoUsd: 1_000,
      priceVersion: 'p1',
      askedAtMs: Date.now(),
      createdAtMs: Date.now(),
      ...header,
    },
    body,
    tag,
  };
}
