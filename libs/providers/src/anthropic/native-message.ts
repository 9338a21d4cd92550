import { CostlaneError } from '@costlane/domain';
import type { AttemptFailure, AttemptOutcome } from '../attempt';
import type { AnswerFormat } from '../openai-compatible/answer-format';
import { isObject, parseObject, textOf, type JsonObject } from '../openai-compatible/json-object';
import type { ProviderRequest, ProviderSuccess } from '../provider';
import type { NativeCall } from '../translation/native-call';
import { settleAttempt } from '../translation/settle-attempt';
import { convertError } from './map-error';
import { markedBytes } from './prompt-marker';
import { isOverflown, isWholeMessage, readMessage, type MessageFacts } from './read-message';
import { MessageEventScanner } from './scan-message-events';

const OVERFLOW_STATUS = 400;

/**
 * A Messages API request on its way to Anthropic as the client wrote it; only marks for the cache may be added, where the client has set none.
 */
export class NativeMessage implements NativeCall {
  readonly body: Buffer;
  readonly format: AnswerFormat;
  private scanner: MessageEventScanner | undefined;
  private whole: MessageFacts | undefined;

  constructor(
    request: ProviderRequest,
    readonly path: string,
  ) {
    this.body = markedBytes(request);
    this.format = {
      readBody: (body) => {
        const { read, facts } = readMessage(body);
        this.whole = facts;
        return read;
      },
      createScanner: () => (this.scanner = new MessageEventScanner()),
    };
  }

  convertError(bodyText: string): JsonObject | undefined {
    return convertError(bodyText);
  }

  settle(outcome: AttemptOutcome): AttemptOutcome {
    const facts: MessageFacts = this.scanner?.facts ?? this.whole ?? { characters: 0, isPlain: true };
    // Who reads a stream is told by its reason to stop; a whole answer is an error, so that a model with more room may be asked.
    if (outcome.ok && this.whole && isOverflown(this.whole)) return overflown(outcome, this.whole);
    const settled = settleAttempt(outcome, {
      usage: facts.usage,
      isUsageFinal: facts.stopReason !== undefined,
      isWhole: isWholeMessage(facts),
      isOverflown: false,
      isPerhapsTheRequest: false,
      characters: facts.characters,
    });
    return settled.ok ? settled : { ...settled, body: ownWords(settled.body) };
  }
}

/** Anthropic has answered, and is paid. */
function overflown(
  { latencyMs, upstreamCalls, modelUsed, serviceTier }: ProviderSuccess,
  facts: MessageFacts,
): AttemptFailure {
  const message = 'prompt is too long: it does not fit into the context window together with its answer.';
  return {
    ok: false,
    error: new CostlaneError('context_length_exceeded', message, { field: 'messages' }),
    status: OVERFLOW_STATUS,
    body: errorBody('invalid_request_error', message),
    ...(facts.usage ? { usage: facts.usage.usage, usageSource: 'provider' } : { usageSource: 'none' }),
    modelUsed,
    serviceTier,
    latencyMs,
    upstreamCalls,
    hasDelivered: false,
    isRetryable: false,
    verdict: 'neutral',
  };
}

/** An error that the client is to see, which was put into OpenAI's shape for the table of errors, in Anthropic's again. */
function ownWords(body: Buffer | undefined): Buffer | undefined {
  const error = body && parseObject(body.toString('utf8'))?.['error'];
  if (!isObject(error)) return undefined;
  return errorBody(textOf(error['type']) ?? 'api_error', textOf(error['message']) ?? '');
}

const errorBody = (type: string, message: string): Buffer =>
  Buffer.from(JSON.stringify({ type: 'error', error: { type, message } }));
