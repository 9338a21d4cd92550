import type { Dispatcher } from 'undici';
import type { AttemptOutcome } from '../attempt';
import type { AnswerFormat } from '../openai-compatible/answer-format';
import type { JsonObject } from '../openai-compatible/json-object';
import type { TranslatedCall } from './translating-handler';

type Controller = Dispatcher.DispatchController;
type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/** A request in the provider's own dialect: it is sent as it is, and its answer passes untouched. */
export interface NativeCall {
  readonly path: string;
  readonly body: Buffer;
  readonly format: AnswerFormat;
  /** An error answer in OpenAI's shape, from which it is told what follows; undefined for what is none. */
  convertError(bodyText: string): JsonObject | undefined;
  /** The outcome with what only the provider's own words told, and its errors in those words. */
  settle(outcome: AttemptOutcome): AttemptOutcome;
}

/** Error answers are read so far. */
const MAX_ERROR_BYTES = 64 * 1024;

/** Stands between the connection and a native call, and has nothing to do but when the answer is an error: that goes on in OpenAI's shape. */
export class NativeHandler implements Dispatcher.DispatchHandler {
  private isError = false;
  private errorBytes = 0;
  private readonly chunks: Buffer[] = [];

  constructor(
    private readonly call: TranslatedCall,
    private readonly convertError: NativeCall['convertError'],
  ) {}

  onRequestStart(controller: Controller): void {
    this.call.onRequestStart(controller);
  }

  onResponseStart(controller: Controller, status: number, headers: Headers): void {
    this.isError = status >= 300;
    this.call.onResponseStart(controller, status, headers);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (!this.isError) return this.call.onResponseData(controller, chunk);
    this.errorBytes += chunk.length;
    if (this.errorBytes <= MAX_ERROR_BYTES) this.chunks.push(chunk);
  }

  onResponseEnd(controller: Controller): void {
    if (this.isError && this.chunks.length > 0) {
      const body = Buffer.concat(this.chunks);
      const converted = this.convertError(body.toString('utf8'));
      this.call.onResponseData(controller, converted ? Buffer.from(JSON.stringify(converted)) : body);
    }
    this.call.onResponseEnd();
  }

  onResponseError(controller: Controller, error: Error): void {
    this.call.onResponseError(controller, error);
  }
}
