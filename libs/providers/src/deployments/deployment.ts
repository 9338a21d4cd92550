import type { ErrorCode } from '@costlane/domain';
import type { ProviderTransport } from '../attempt';

/** After 401, and after 403 for the model: a key is mended by a person. */
export const AUTH_COOL_DOWN_MS = 10 * 60_000;
/** A quota that is used up is filled by a person, or the next day. */
export const QUOTA_COOL_DOWN_MS = 10 * 60_000;
const MAX_COOL_DOWN_MS = 60 * 60_000;

export type CoolDownScope = 'key' | 'model';

/** How long a deployment is left alone after an error, for all its models or for the one; undefined where the error says nothing about its key. */
export function coolDownOf(
  code: ErrorCode,
  status: number | undefined,
  retryAfterMs = 0,
): { scope: CoolDownScope; durationMs: number } | undefined {
  // 403 may be about a model or a region: other models of the same key may do.
  if (code === 'upstream_auth_failed') {
    return { scope: status === 403 ? 'model' : 'key', durationMs: AUTH_COOL_DOWN_MS };
  }
  if (code !== 'upstream_quota_exhausted') return undefined;
  return { scope: 'key', durationMs: Math.min(MAX_COOL_DOWN_MS, Math.max(QUOTA_COOL_DOWN_MS, retryAfterMs)) };
}

/** One account at one address of a provider. */
export class Deployment {
  private coolUntilMs = 0;

  constructor(
    readonly name: string,
    readonly transport: ProviderTransport,
    /** Its share of the calls, beside the others' weights. */
    readonly weight = 1,
    /** Upstream models that it serves; undefined: all. */
    private readonly models?: ReadonlySet<string>,
  ) {}

  serves(model: string): boolean {
    return this.models === undefined || this.models.has(model);
  }

  coolDown(durationMs: number, nowMs: number): void {
    this.coolUntilMs = Math.max(this.coolUntilMs, nowMs + durationMs);
  }

  /** A call with its key went well: somebody has mended it. */
  warmUp(): void {
    this.coolUntilMs = 0;
  }

  coolForMs(nowMs: number): number {
    return Math.max(0, this.coolUntilMs - nowMs);
  }
}
