import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { fingerprint, type NormalizationMode, type PolicyModel, type RouteDecision } from '@costlane/domain';
import { LRUCache } from 'lru-cache';
import type { DoorBody, DoorQuestion } from '../../doors/model-door';
import { limitFieldFor } from '../costlane/chat-body';
import { goesNative, speaks } from '../native-dialects';
import { answerNeeds } from '../openai-chat/answer-needs';
import { createBodyIndex, type IndexedBody } from '../openai-chat/body-index';
import { upstreamBody } from '../openai-chat/upstream-body';
import { checkVersionAndBetas } from './betas';
import { parseMessageRequest, type MessageRequest } from './parse-message';
import { toChatBody, type LimitField } from './to-chat-body';

/** A Messages API request on its way to a model, which may speak it or not. */
export interface IndexedMessage extends DoorBody {
  /** The client wants to see how the model thinks. */
  showThinking: boolean;
  question(raw: Buffer, decision: RouteDecision, mustTranslate: boolean): DoorQuestion;
  /** For the choice of a model: as a chat request, as far as it can be one. */
  chatForm(raw: Buffer): Buffer;
  /** Whether a model takes it: one of another dialect only what can be translated. */
  canServe(raw: Buffer, model: PolicyModel): boolean;
}

const MAX_ENTRIES = 10_000;
/** Bodies are not kept; an entry is its facts and the request's fingerprints. */
const MAX_TEXT_BYTES = 64 * 1024;

/** What is found once for each different body. */
interface Known {
  bodyHash: string;
  model: string | undefined;
  stream: boolean;
  showThinking: boolean;
  /** Of the content, once a model was chosen that speaks the dialect. */
  nativeKey?: string;
  /** Of the chat completion request that it becomes, once a model was chosen that does not. */
  chat?: IndexedBody;
  /** False: only a model that speaks the dialect can be asked. */
  isTranslatable?: boolean;
}

/**
 * Facts of request bodies by the hash of their bytes, as for chat completions: a body seen before is neither parsed nor translated again, unless
 * a provider has to be asked.
 */
export function createMessageIndex(normalize?: NormalizationMode) {
  const known = new LRUCache<string, Known>({ max: MAX_ENTRIES });
  const indexChat = createBodyIndex(normalize);
  return (tenantId: string, raw: Buffer, headers: IncomingHttpHeaders): IndexedMessage => {
    checkVersionAndBetas(headers);
    const bodyHash = hash('sha256', raw, 'base64');
    const key = `${bodyHash}${tenantId}`;
    let facts = known.get(key);
    let parsed: MessageRequest | undefined;
    if (!facts) {
      parsed = parseMessageRequest(raw);
      facts = readFacts(parsed, bodyHash);
      if (raw.length <= MAX_TEXT_BYTES) known.set(key, facts);
    }
    return new MessageInHand(facts, parsed, { tenantId, indexChat, normalize });
  };
}

function readFacts({ model, stream, thinking }: MessageRequest, bodyHash: string): Known {
  const isShown = thinking?.type === 'enabled' || thinking?.type === 'adaptive';
  return { bodyHash, model, stream: stream === true, showThinking: isShown && thinking['display'] !== 'omitted' };
}

interface IndexContext {
  tenantId: string;
  indexChat: ReturnType<typeof createBodyIndex>;
  normalize: NormalizationMode | undefined;
}

class MessageInHand implements IndexedMessage {
  constructor(
    private readonly known: Known,
    private parsed: MessageRequest | undefined,
    private readonly context: IndexContext,
  ) {}

  get model(): string | undefined {
    return this.known.model;
  }

  get stream(): boolean {
    return this.known.stream;
  }

  get bodyHash(): string {
    return this.known.bodyHash;
  }

  get showThinking(): boolean {
    return this.known.showThinking;
  }

  question(raw: Buffer, decision: RouteDecision, mustTranslate: boolean): DoorQuestion {
    return goesNative(decision, 'anthropic.messages') && !mustTranslate
      ? this.native(raw, decision.cacheModel)
      : this.translated(raw, decision.cacheModel);
  }

  chatForm(raw: Buffer): Buffer {
    return this.translation(raw) ?? Buffer.from(JSON.stringify(roughChatBody(this.request(raw))));
  }

  canServe(raw: Buffer, model: PolicyModel): boolean {
    return speaks(model, 'anthropic.messages') || this.translation(raw) !== undefined;
  }

  private translation(raw: Buffer): Buffer | undefined {
    if (this.known.isTranslatable === false) return undefined;
    try {
      return Buffer.from(JSON.stringify(toChatBody(this.request(raw), 'max_tokens')));
    } catch {
      this.known.isTranslatable = false;
      return undefined;
    }
  }

  /** The client's bytes go on as they are; only the name of the model may be another one. */
  private native(raw: Buffer, name: string): DoorQuestion {
    const { known, context } = this;
    if (known.nativeKey === undefined) {
      const { model: _model, ...content } = this.request(raw);
      known.nativeKey = fingerprint(
        { tenantId: context.tenantId, dialect: 'anthropic.messages' },
        content,
        context.normalize,
      );
      // Bytes are held while the request is under way; what they were parsed to need not be.
      this.parsed = undefined;
    }
    const facts = { model: known.model, stream: false, hasStreamOptions: false, includeUsage: false };
    return {
      dialect: 'anthropic.messages',
      fingerprint: hash('sha256', `${known.nativeKey}/${name}`, 'hex'),
      upstreamBody: (upstreamModel) => upstreamBody(raw, facts, upstreamModel),
      needs: () => ({}),
      mayUseSemanticCache: false,
    };
  }

  /** As a chat completion it shares road, calls and cache with those. */
  private translated(raw: Buffer, name: string): DoorQuestion {
    let usual: Buffer | undefined;
    const bytesFor = (limitField: LimitField): Buffer =>
      Buffer.from(JSON.stringify(toChatBody(this.request(raw), limitField)));
    const bytes = (): Buffer => (usual ??= bytesFor('max_tokens'));
    const chat = (this.known.chat ??= this.context.indexChat(this.context.tenantId, bytes()));
    this.parsed = undefined;
    return {
      dialect: 'openai.chat',
      fingerprint: chat.fingerprintFor(name),
      upstreamBody: (upstreamModel) => {
        const limitField = limitFieldFor(upstreamModel);
        return upstreamBody(limitField === 'max_tokens' ? bytes() : bytesFor(limitField), chat, upstreamModel);
      },
      needs: () => answerNeeds(bytes()),
    };
  }

  private request(raw: Buffer): MessageRequest {
    return this.parsed ?? parseMessageRequest(raw);
  }
}

/** What can be said of a request that is no chat completion: the text of its messages. */
function roughChatBody({ messages, max_tokens: maxTokens }: MessageRequest): object {
  return {
    max_tokens: maxTokens,
    messages: messages.map(({ role, content }) => ({
      role,
      content: typeof content === 'string' ? content : content.filter(({ type }) => type === 'text'),
    })),
  };
}
