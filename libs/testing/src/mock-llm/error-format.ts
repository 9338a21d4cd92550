import { renderAnthropicError } from './anthropic/render-error';
import { renderError, type ApiError } from './api-error';
import { cohereChatPath } from './cohere/plan-chat';
import { cohereStatus, renderCohereError } from './cohere/render-error';
import { googleStatus, renderGoogleError } from './google/render-error';
import { isGeneratePath } from './google/read-generate';

/** How a provider words its errors. */
export interface ErrorFormat {
  status(error: ApiError): number;
  render(error: ApiError, retryAfterSeconds: number | undefined): string;
  /** How long to wait stands in `retry-after`; otherwise in the body. */
  readonly hasRetryHeader: boolean;
}

const usualStatus = ({ status }: ApiError): number => status;
const openAi: ErrorFormat = { status: usualStatus, render: renderError, hasRetryHeader: true };
const anthropic: ErrorFormat = { status: usualStatus, render: renderAnthropicError, hasRetryHeader: true };
const cohere: ErrorFormat = { status: cohereStatus, render: renderCohereError, hasRetryHeader: true };
const google: ErrorFormat = { status: googleStatus, render: renderGoogleError, hasRetryHeader: false };

/** The words of the provider whose path it is. */
export function errorFormatOf(path: string): ErrorFormat {
  if (path === '/v1/messages') return anthropic;
  if (path === cohereChatPath) return cohere;
  return isGeneratePath(path) ? google : openAi;
}
