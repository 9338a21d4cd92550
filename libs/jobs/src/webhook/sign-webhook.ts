import { createHmac, timingSafeEqual } from 'node:crypto';

/** Names of the headers that come with every webhook. */
export const webhookHeaders = {
  /** The same on every attempt at one event: by it a receiver knows what it has already. */
  id: 'x-costlane-webhook-id',
  /** Epoch seconds of this attempt. */
  timestamp: 'x-costlane-timestamp',
  /** `v1=` and the HMAC-SHA-256 of `<timestamp>.<body>` in hexadecimal. */
  signature: 'x-costlane-signature',
  /** `batch.completed`, `batch.failed`, `batch.expired`, `batch.cancelled`. */
  event: 'x-costlane-event',
} as const;

const VERSION = 'v1=';
const DEFAULT_TOLERANCE_SECONDS = 300;

export function signWebhook(secret: string, timestampSeconds: number, body: Buffer): string {
  return VERSION + createHmac('sha256', secret).update(`${timestampSeconds}.`).update(body).digest('hex');
}

export interface ReceivedWebhook {
  /** As the header has it. */
  timestamp: string;
  signature: string;
  /** As it came, before any parsing. */
  body: Buffer;
}

/** What a receiver does: whether the body was signed with this secret, not longer ago than `toleranceSeconds`. */
export function isWebhookGenuine(
  secret: string,
  { timestamp, signature, body }: ReceivedWebhook,
  nowMs = Date.now(),
  toleranceSeconds = DEFAULT_TOLERANCE_SECONDS,
): boolean {
  const seconds = Number(timestamp);
  if (!/^\d+$/.test(timestamp) || Math.abs(nowMs / 1000 - seconds) > toleranceSeconds) return false;
  const expected = Buffer.from(signWebhook(secret, seconds, body));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
