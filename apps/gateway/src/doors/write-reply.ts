import type { ServerResponse } from 'node:http';
import { toHttpError } from '@costlane/platform';

/** Writes a JSON document to a raw response; `headers` are name and value in turn. */
export function writeJson(response: ServerResponse, status: number, headers: string[], document: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(document));
  response.writeHead(status, [...headers, 'content-type', 'application/json', 'content-length', String(bytes.length)]);
  response.end(bytes);
}

/** Answers with an error in the envelope. */
export function writeRefusal(response: ServerResponse, headers: string[], error: unknown): void {
  const known = toHttpError(error);
  writeJson(response, known.status, [...headers, ...Object.entries(known.headers).flat()], known.envelope);
}
