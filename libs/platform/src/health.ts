export interface HealthResult {
  ok: boolean;
  detail?: string;
}

export interface CheckReport extends HealthResult {
  isCritical: boolean;
  latencyMs: number;
}

/** `degraded`: ready, but something that is not critical is away. */
export interface HealthReport {
  status: 'ready' | 'degraded' | 'not_ready' | 'shutting_down';
  isReady: boolean;
  checks: Record<string, CheckReport>;
}

export type HealthCheck = () => Promise<HealthResult> | HealthResult;

interface RegisteredCheck {
  check: HealthCheck;
  isCritical: boolean;
}

export interface HealthRegistryOptions {
  /** A check that takes longer counts as failed; default 500. */
  checkTimeoutMs?: number;
}

/** What a service needs to do its work, asked at the moment somebody wants to know. */
export class HealthRegistry {
  private readonly checks = new Map<string, RegisteredCheck>();
  private readonly checkTimeoutMs: number;
  private running: Promise<HealthReport> | undefined;
  private isDraining = false;

  constructor({ checkTimeoutMs = 500 }: HealthRegistryOptions = {}) {
    this.checkTimeoutMs = checkTimeoutMs;
  }

  /** Adds a check. A failing critical one makes the service not ready; any other makes it degraded. Throws on a name in use. */
  register(name: string, check: HealthCheck, { isCritical = true }: { isCritical?: boolean } = {}): void {
    if (this.checks.has(name)) throw new Error(`health check ${name} is registered twice`);
    this.checks.set(name, { check, isCritical });
  }

  /** From now on the service is not ready, whatever its checks say. */
  startDraining(): void {
    this.isDraining = true;
  }

  /** Runs all checks at once, each bounded in time. Callers that come while one report is being made share it. */
  report(): Promise<HealthReport> {
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async run(): Promise<HealthReport> {
    const names = [...this.checks.keys()];
    const results = await Promise.all([...this.checks.values()].map((registered) => this.runOne(registered)));
    const checks = Object.fromEntries(results.map((result, index) => [names[index] ?? '', result]));
    const status = this.isDraining ? 'shutting_down' : statusOf(results);
    return { status, isReady: status === 'ready' || status === 'degraded', checks };
  }

  private async runOne({ check, isCritical }: RegisteredCheck): Promise<CheckReport> {
    const startedAt = performance.now();
    const result = await this.bounded(check);
    const latencyMs = Math.round((performance.now() - startedAt) * 10) / 10;
    return { ok: result.ok, ...(result.detail ? { detail: result.detail } : {}), isCritical, latencyMs };
  }

  private async bounded(check: HealthCheck): Promise<HealthResult> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<HealthResult>((resolve) => {
      const detail = `no answer in ${this.checkTimeoutMs} ms`;
      timer = setTimeout(() => resolve({ ok: false, detail }), this.checkTimeoutMs);
    });
    try {
      return await Promise.race([check(), late]);
    } catch (error) {
      return { ok: false, detail: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
    }
  }
}

function statusOf(results: readonly CheckReport[]): HealthReport['status'] {
  const failed = results.filter((result) => !result.ok);
  if (failed.length === 0) return 'ready';
  return failed.some((result) => result.isCritical) ? 'not_ready' : 'degraded';
}
