import { randomBytes } from 'node:crypto';

// 80 random bits per process and a counter: unique across processes and restarts, and far cheaper than a UUID per request.
const processPart = randomBytes(10).toString('hex');
let counter = 0;

/** A request id that no other process gives: `req_<process><counter>`. */
export function newRequestId(): string {
  counter += 1;
  return `req_${processPart}${counter.toString(36).padStart(6, '0')}`;
}
