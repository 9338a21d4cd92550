import {
  createOutputLengths,
  readContent,
  type OutputLengths,
  type RouteContent,
  type RoutingPolicy,
} from '@costlane/domain';
import { LRUCache } from 'lru-cache';
import { parsedBody } from '../parsed-body';

/** What requests hold, found once for each different body. */
export interface ContentIndex {
  /** `chatForm` gives the body as a chat request; called only for a body that is new here. */
  contentOf(key: ContentKey, chatForm: () => Buffer): RouteContent;
  readonly outputs: OutputLengths;
}

export interface ContentKey {
  tenantId: string;
  bodyHash: string;
  taskType?: string;
}

const MAX_ENTRIES = 10_000;
/** The texts are kept, for rules that look for words in them. */
const MAX_CHARACTERS = 8 * 1024 * 1024;
const ENTRY_CHARACTERS = 200;

/** Reads contents by the policy's weights; a change of them has every body read anew. */
export function createContentIndex(deps: {
  policy: () => RoutingPolicy | undefined;
  predictGain: (text: string) => number | undefined;
}): ContentIndex {
  const outputs = createOutputLengths();
  const known = new LRUCache<string, RouteContent>({
    max: MAX_ENTRIES,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: ({ text }) => ENTRY_CHARACTERS + text.length,
  });
  let weightsOfKnown: unknown;
  return {
    outputs,
    contentOf({ tenantId, bodyHash, taskType }, chatForm) {
      const weights = deps.policy()?.settings.complexityWeights;
      if (weights !== weightsOfKnown) known.clear();
      weightsOfKnown = weights;
      const key = `${bodyHash}${tenantId}/${taskType ?? ''}`;
      let content = known.get(key);
      if (!content) {
        const body = parsedBody(chatForm()) as Record<string, unknown>;
        const scales = { weights, predictGain: deps.predictGain, expectOutputTokens: outputs.expect };
        content = readContent(body, scales, taskType);
        known.set(key, content);
      }
      return content;
    },
  };
}
