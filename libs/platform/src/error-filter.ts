import { Catch } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from './logger';
import { toHttpError } from './to-http';

/** Writes the answer to a failed request. */
export type HttpErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;

/** Answers with the envelope, `X-Error-Code` and `X-Request-Id`; what is our fault is logged with its cause. */
export function createEnvelopeErrorHandler(logger: Logger): HttpErrorHandler {
  return (error, request, reply) => {
    const { status, headers, envelope } = toHttpError(error);
    if (status >= 500) logger.error({ requestId: request.id, err: error }, 'request failed');
    if (reply.sent || reply.raw.headersSent) return;
    void reply.code(status).headers(headers).header('x-request-id', request.id).send(envelope);
  };
}

/** Nest routes every error through its filters, those of raw Fastify routes and of unknown routes included. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly handle: HttpErrorHandler) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.handle(exception, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}
