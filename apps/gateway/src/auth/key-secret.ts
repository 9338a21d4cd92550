import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The secret under which API keys are stored: as configured, else one that the first start makes in the data folder (readable by its
 * owner only). Several gateways must share it, so a deployment of more than one configures it.
 */
export function keySecret(configured: string | undefined, dataDirectory: string): string {
  if (configured !== undefined) return configured;
  const file = path.join(dataDirectory, 'key-secret');
  const existing = readIfThere(file);
  if (existing !== undefined) return existing;
  mkdirSync(dataDirectory, { recursive: true });
  try {
    writeFileSync(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    // Another gateway of this checkout was first; its secret is the one.
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
