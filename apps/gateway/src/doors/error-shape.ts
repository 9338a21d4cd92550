import { CostlaneError } from '@costlane/domain';
import { fromFrameworkError, toHttpError, toOpenAiError, type HttpErrorHandler, type Logger } from '@costlane/platform';
import { toAnthropicError } from '../dialects/anthropic-messages/anthropic-error';
import { discardBody } from './discard-body';

/** Paths whose clients read errors as OpenAI writes them. */
const OPENAI_PATH =
  /^\/v1\/(chat|completions|responses|embeddings|models|files|batches|images|audio|moderations)(\/|$)/;
/** Paths whose clients read errors as Anthropic writes them. */
const ANTHROPIC_PATH = /^\/v1\/messages(\/|$)/;
const MAX_SHOWN_PATH = 200;

/** Methods that a path is served under; empty when nothing is there. */
export type MethodsOf = (path: string) => string[];

/**
 * Answers what went wrong outside a door's own hands (unknown route, oversize or wrong body, a thrown error) in the shape that the
 * path's clients read, always with `X-Error-Code` and `X-Request-Id`.
 */
export function createErrorHandler(logger: Logger, methodsOf: MethodsOf): HttpErrorHandler {
  return (error, request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const known = explain(fromFrameworkError(error), error, request.method, path, methodsOf);
    const { status, headers, body } = shaped(known, path, request.id);
    if (known.httpStatus >= 500 && known.code !== 'unavailable' && known.code !== 'not_ready')
      logger.error({ requestId: request.id, err: known.cause ?? error }, 'request failed');
    if (reply.sent || reply.raw.headersSent) return;
    if (!request.raw.complete) {
      // Fastify would close the connection, which resets it while the client still sends.
      reply.removeHeader('connection');
      discardBody(request.raw);
    }
    void reply
      .code(status)
      .headers({ ...headers, 'x-request-id': request.id, 'content-type': 'application/json' })
      .send(JSON.stringify(body));
  };
}

function shaped(
  known: CostlaneError,
  path: string,
  requestId: string,
): { status: number; headers: Record<string, string>; body: object } {
  if (OPENAI_PATH.test(path)) return toOpenAiError(known);
  if (ANTHROPIC_PATH.test(path)) return toAnthropicError(known, requestId);
  const { envelope, ...rest } = toHttpError(known);
  return { ...rest, body: envelope };
}

/** The framework's own words for an unknown route and a wrong content type say little; these say what would be right. */
function explain(
  known: CostlaneError,
  error: unknown,
  method: string,
  path: string,
  methodsOf: MethodsOf,
): CostlaneError {
  if (error instanceof CostlaneError) return known;
  if (known.code === 'not_found') {
    const methods = methodsOf(path);
    const hint = methods.length > 0 ? `; it takes ${methods.join(', ')}` : '. GET / names the doors';
    return new CostlaneError('not_found', `There is no ${method} ${path.slice(0, MAX_SHOWN_PATH)} here${hint}.`);
  }
  if (error instanceof Error && 'code' in error && error.code === 'FST_ERR_BAD_URL')
    return new CostlaneError('invalid_request', 'The address is not well encoded.');
  if (known.code === 'unsupported_media_type')
    return new CostlaneError('unsupported_media_type', 'The content type has to be application/json.');
  return known;
}
