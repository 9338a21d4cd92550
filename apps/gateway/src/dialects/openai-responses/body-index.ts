import { hash } from 'node:crypto';
import { fingerprint, type NormalizationMode, type PolicyModel, type RouteDecision } from '@costlane/domain';
import { LRUCache } from 'lru-cache';
import type { DoorBody, DoorQuestion } from '../../doors/model-door';
import type { AnswerWriter } from '../openai-answers/answer-writer';
import { goesNative, speaks } from '../native-dialects';
import { answerNeeds } from '../openai-chat/answer-needs';
import { createBodyIndex, type IndexedBody } from '../openai-chat/body-index';
import { upstreamBody } from '../openai-chat/upstream-body';
import { chatWriter, nativeWriter } from './answer-writers';
import { nativeBody, type NativeFacts } from './native-body';
import { parseResponsesRequest } from './parse-request';
import { repeatedFields } from './response-object';
import { toChatBody } from './to-chat-body';

/** What is kept of a body, by its hash. */
interface Facts extends NativeFacts {
  bodyHash: string;
  stream: boolean;
  contentKey: string;
  /** The same question as a chat completion; made when a model is asked that needs it. */
  chat?: IndexedBody;
  /** Found when a model comes into question that needs it. */
  isTranslatable?: boolean;
}

/** A request to the Responses API, before its model is known. */
export interface ResponsesBody extends DoorBody {
  /** The body as a chat request. Throws what has no translation. */
  chatForm(): Buffer;
  canServe(model: PolicyModel): boolean;
  /** The question for the chosen model, as a chat where it has to be. Throws what cannot be asked of it. */
  question(decision: RouteDecision, mustTranslate: boolean): DoorQuestion;
  /** How the answer in that dialect is told. */
  writer(dialect: DoorQuestion['dialect']): AnswerWriter;
}

const MAX_ENTRIES = 10_000;
/** Bodies are not kept; an entry is its facts. */
const MAX_TEXT_BYTES = 64 * 1024;

/** Facts of request bodies by the hash of their bytes: a body seen before is neither parsed nor translated again for a hit. */
export function createResponsesIndex(normalize?: NormalizationMode) {
  const known = new LRUCache<string, Facts>({ max: MAX_ENTRIES });
  const indexChat = createBodyIndex(normalize);
  return (tenantId: string, raw: Buffer): ResponsesBody => {
    const bodyHash = hash('sha256', raw, 'base64');
    const key = `${bodyHash}${tenantId}`;
    let facts = known.get(key);
    if (!facts) {
      facts = readFacts(tenantId, raw, bodyHash);
      if (raw.length <= MAX_TEXT_BYTES) known.set(key, facts);
    }
    return bodyOf(facts, raw, (chatBytes) => indexChat(tenantId, chatBytes));
  };
}

function readFacts(tenantId: string, raw: Buffer, bodyHash: string): Facts {
  const { model, store, stream, ...content } = parseResponsesRequest(raw);
  // A native answer repeats the metadata: one with others is not the same answer.
  const counted = { ...content, metadata: undefined, repeated: content['metadata'], safety_identifier: undefined };
  const contentKey = fingerprint({ tenantId, dialect: 'openai.responses' }, counted, 'off');
  return { bodyHash, model, store, stream: stream === true, contentKey };
}

function bodyOf(facts: Facts, raw: Buffer, indexChat: (chatBytes: Buffer) => IndexedBody): ResponsesBody {
  const { model, stream, bodyHash } = facts;
  const chatBytes = (upstreamModel?: string): Buffer =>
    Buffer.from(JSON.stringify(toChatBody(parseResponsesRequest(raw), upstreamModel)));
  const isTranslatable = (): boolean => {
    if (facts.isTranslatable === undefined) {
      try {
        chatBytes();
        facts.isTranslatable = true;
      } catch {
        facts.isTranslatable = false;
      }
    }
    return facts.isTranslatable;
  };
  return {
    model,
    stream,
    bodyHash,
    chatForm: () => chatBytes(),
    canServe: (model) => speaks(model, 'openai.responses') || isTranslatable(),
    question(decision, mustTranslate) {
      const { cacheModel } = decision;
      if (!mustTranslate && goesNative(decision, 'openai.responses')) {
        return {
          dialect: 'openai.responses',
          fingerprint: hash('sha256', `${facts.contentKey}/${cacheModel}`, 'hex'),
          upstreamBody: (upstreamModel) => nativeBody(raw, facts, upstreamModel),
          needs: () => ({}),
          mayUseSemanticCache: false,
        };
      }
      const chat = (facts.chat ??= indexChat(chatBytes()));
      return {
        dialect: 'openai.chat',
        fingerprint: chat.fingerprintFor(cacheModel),
        upstreamBody: (upstreamModel) => upstreamBody(chatBytes(upstreamModel), chat, upstreamModel),
        needs: () => answerNeeds(chatBytes()),
      };
    },
    writer: (dialect) =>
      dialect === 'openai.responses' ? nativeWriter : chatWriter(() => repeatedFields(parseResponsesRequest(raw))),
  };
}
