import type { IncomingHttpHeaders } from 'node:http';
import { grpcError } from '@costlane/platform';
import type { Metadata, ServiceError } from '@grpc/grpc-js';

/** An error for the wire, with what HTTP says in headers as trailing metadata. */
export function callFailure(error: unknown, trailers: Metadata): ServiceError {
  const known = grpcError(error);
  known.metadata.merge(trailers);
  return known;
}

/** Metadata as the headers that the HTTP doors read. */
export function headersOf(metadata: Metadata): IncomingHttpHeaders {
  const entries = Object.entries(metadata.getMap()).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(entries) as IncomingHttpHeaders;
}
