import type { SimulatedWork } from './simulated-work';

/** How a provider answers, and what it asks for it. */
export interface ProviderModel {
  readonly places: number;
  /** To the first token, beside the prompt's own time. */
  readonly firstTokenMs: number;
  readonly promptTokenMs: number;
  readonly outputTokenMs: number;
  /** How long a prefix stays cached after its last use. */
  readonly cacheLifetimeMs: number;
  /** A call whose prefix is being computed for another one waits for it, up to this: the provider-worker's gate for prefix leaders. */
  readonly leaderWaitMs: number;
  readonly inputUsdPerMillion: number;
  readonly cachedUsdPerMillion: number;
  readonly outputUsdPerMillion: number;
}

export const blockTokens = 512;

export interface SimulatedCall {
  readonly endsAtMs: number;
  readonly cachedTokens: number;
  readonly costUsd: number;
}

/** Time that a call takes where nothing of its prompt is cached and nothing is by chance. */
export const plainServiceMs = (model: ProviderModel, promptTokens: number, outputTokens: number): number =>
  model.firstTokenMs + promptTokens * model.promptTokenMs + outputTokens * model.outputTokenMs;

/** A provider with places and a prefix cache, on a clock that is passed in. */
export class SimulatedProvider {
  inFlight = 0;
  private readonly blocks = new Map<string, { fromMs: number; usedAtMs: number }>();

  constructor(readonly model: ProviderModel) {}

  /** Begins a call. The caller ends it by lowering `inFlight`. */
  call(work: SimulatedWork, nowMs: number): SimulatedCall {
    this.inFlight++;
    const { model } = this;
    const startMs = nowMs + this.leaderWait(work, nowMs);
    const prefix = work.prefix ?? [];
    let cached = 0;
    while (cached < prefix.length && this.isCached(prefix[cached] ?? '', startMs)) cached++;
    const cachedTokens = Math.min(work.promptTokens, cached * blockTokens);
    const freshTokens = work.promptTokens - cachedTokens;
    const prefillMs = (model.firstTokenMs + freshTokens * model.promptTokenMs) * work.slowness;
    prefix.forEach((block, index) => {
      const fromMs = index < cached ? (this.blocks.get(block)?.fromMs ?? startMs) : startMs + prefillMs;
      this.blocks.set(block, { fromMs, usedAtMs: startMs });
    });
    const costUsd =
      (freshTokens * model.inputUsdPerMillion +
        cachedTokens * model.cachedUsdPerMillion +
        work.outputTokens * model.outputUsdPerMillion) /
      1e6;
    const endsAtMs = startMs + prefillMs + work.outputTokens * model.outputTokenMs * work.slowness;
    return { endsAtMs, cachedTokens, costUsd };
  }

  private leaderWait({ prefix = [] }: SimulatedWork, nowMs: number): number {
    let waitMs = 0;
    for (const block of prefix) {
      const known = this.blocks.get(block);
      if (!known || nowMs - known.usedAtMs > this.model.cacheLifetimeMs) break;
      waitMs = Math.max(waitMs, known.fromMs - nowMs);
    }
    return waitMs > this.model.leaderWaitMs ? 0 : waitMs;
  }

  private isCached(block: string, nowMs: number): boolean {
    const known = this.blocks.get(block);
    return known !== undefined && known.fromMs <= nowMs && nowMs - known.usedAtMs <= this.model.cacheLifetimeMs;
  }
}
