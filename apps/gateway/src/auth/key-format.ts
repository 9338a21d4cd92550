import { createHmac, randomBytes } from 'node:crypto';

/** Every key starts so; what starts otherwise is not ours (an SDK's dummy key, a provider's key sent by mistake). */
export const KEY_PREFIX = 'cl_';
const SECRET_BYTES = 32;
const SHOWN_CHARACTERS = 8;

export interface NewKey {
  /** Shown once, never stored. */
  key: string;
  /** Safe to show: names the key in lists. */
  prefix: string;
}

/** A new API key: 256 random bits, base64url. */
export function newKey(): NewKey {
  const key = `${KEY_PREFIX}${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { key, prefix: key.slice(0, KEY_PREFIX.length + SHOWN_CHARACTERS) };
}

/** How a key is stored and looked up: HMAC-SHA-256 (hex) under the deployment's secret, so that a leaked table opens nothing. */
export const hashKey = (key: string, secret: string): string => createHmac('sha256', secret).update(key).digest('hex');
