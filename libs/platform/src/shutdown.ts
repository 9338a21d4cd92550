import type { HealthRegistry } from './health';
import type { Logger } from './logger';

type Step = () => Promise<void> | void;

export interface ShutdownOptions {
  logger: Logger;
  /** Told to report not ready as soon as the signal comes. */
  health?: HealthRegistry;
  /** Time between "not ready" and the drain, in which load balancers take us out; default `SHUTDOWN_GRACE_MS`, else 5,000. */
  graceMs?: number;
  /** The process is ended this long after the signal, whatever is still open; default 30,000. */
  hardLimitMs?: number;
  /** Ends the process; replaced in tests. */
  exit?: (code: number) => void;
}

const signals = ['SIGTERM', 'SIGINT'] as const;

/**
 * Orderly end of a service: not ready, grace, drain (all at once: stop taking work, finish what is begun), close (one after another,
 * the newest first), exit 0. Exit code 1 when a step failed or the hard limit came first.
 */
export class Shutdown {
  private readonly drains = new Map<string, Step>();
  private readonly closes = new Map<string, Step>();
  private readonly open = new Set<string>();
  private readonly logger: Logger;
  private readonly health: HealthRegistry | undefined;
  private readonly graceMs: number;
  private readonly hardLimitMs: number;
  private readonly exit: (code: number) => void;
  private running: Promise<void> | undefined;
  private hasFailed = false;
  private endGrace: () => void = () => undefined;

  constructor({ logger, health, graceMs, hardLimitMs = 30_000, exit }: ShutdownOptions) {
    this.logger = logger;
    this.health = health;
    this.graceMs = graceMs ?? defaultGraceMs();
    this.hardLimitMs = hardLimitMs;
    this.exit = exit ?? ((code) => process.exit(code));
  }

  get isShuttingDown(): boolean {
    return this.running !== undefined;
  }

  /** Registers how to stop taking work and finish what has begun. */
  onDrain(name: string, step: Step): void {
    this.drains.set(name, step);
  }

  /** Registers how to give back a resource that drains may still need. */
  onClose(name: string, step: Step): void {
    this.closes.set(name, step);
  }

  /** Reacts to SIGTERM and SIGINT. A second signal only ends the grace: launchers and terminals often send two. */
  listen(): void {
    for (const signal of signals) process.on(signal, () => void this.trigger(signal));
  }

  /** Runs the shutdown once; later calls get the same promise. */
  trigger(signal: string): Promise<void> {
    if (this.running) {
      this.endGrace();
      return this.running;
    }
    this.running = this.run(signal);
    return this.running;
  }

  private async run(signal: string): Promise<void> {
    this.logger.info({ signal }, 'shutting down');
    this.health?.startDraining();
    const hardLimit = setTimeout(() => this.giveUp(), this.hardLimitMs);
    await this.grace();
    await Promise.all([...this.drains].map(([name, step]) => this.runStep(`drain ${name}`, step)));
    for (const [name, step] of [...this.closes].reverse()) await this.runStep(`close ${name}`, step);
    clearTimeout(hardLimit);
    this.logger.info({ isClean: !this.hasFailed }, 'shut down');
    this.exit(this.hasFailed ? 1 : 0);
  }

  private grace(): Promise<void> {
    if (this.graceMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.graceMs);
      this.endGrace = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private async runStep(name: string, step: Step): Promise<void> {
    this.open.add(name);
    try {
      await step();
    } catch (err) {
      this.hasFailed = true;
      this.logger.error({ step: name, err }, 'shutdown step failed');
    } finally {
      this.open.delete(name);
    }
  }

  private giveUp(): void {
    this.logger.error({ unfinished: [...this.open] }, 'shutdown took too long, ending the process');
    this.exit(1);
  }
}

function defaultGraceMs(): number {
  const value = Number(process.env['SHUTDOWN_GRACE_MS'] ?? '');
  return process.env['SHUTDOWN_GRACE_MS'] && Number.isFinite(value) && value >= 0 ? value : 5_000;
}
