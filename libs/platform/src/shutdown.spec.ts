import { HealthRegistry } from './health';
import { Shutdown } from './shutdown';
import type { ShutdownOptions } from './shutdown';
import { createLogLines } from './spec-support/log-lines';

function setUp(options: Partial<ShutdownOptions> = {}) {
  const { logger, lines } = createLogLines();
  const codes: number[] = [];
  const shutdown = new Shutdown({ logger, graceMs: 0, exit: (code) => codes.push(code), ...options });
  return { shutdown, codes, lines };
}

describe('shutdown', () => {
  test('is not ready first, then drains at once, then closes the newest first, then exits with 0', async () => {
    const health = new HealthRegistry();
    const { shutdown, codes } = setUp({ health });
    const steps: string[] = [];
    shutdown.onDrain('http', async () => {
      steps.push((await health.report()).status, 'drain http');
    });
    shutdown.onDrain('lanes', () => void steps.push('drain lanes'));
    shutdown.onClose('redis', () => void steps.push('close redis'));
    shutdown.onClose('consumer', () => void steps.push('close consumer'));
    await shutdown.trigger('SIGTERM');
    expect(steps).toEqual(['drain lanes', 'shutting_down', 'drain http', 'close consumer', 'close redis']);
    expect(codes).toEqual([0]);
  });

  test('runs once, however many signals come', async () => {
    const { shutdown, codes } = setUp();
    let drains = 0;
    shutdown.onDrain('http', () => void (drains += 1));
    expect(shutdown.isShuttingDown).toBe(false);
    await Promise.all([shutdown.trigger('SIGTERM'), shutdown.trigger('SIGINT')]);
    expect(shutdown.isShuttingDown).toBe(true);
    expect(drains).toBe(1);
    expect(codes).toEqual([0]);
  });

  test('a second signal ends the grace', async () => {
    const { shutdown, codes } = setUp({ graceMs: 60_000 });
    const first = shutdown.trigger('SIGTERM');
    await shutdown.trigger('SIGTERM');
    await first;
    expect(codes).toEqual([0]);
  });

  test('a step that fails does not keep the others from running, and shows in the exit code', async () => {
    const { shutdown, codes, lines } = setUp();
    let isClosed = false;
    shutdown.onDrain('http', () => Promise.reject(new Error('stuck')));
    shutdown.onClose('redis', () => void (isClosed = true));
    await shutdown.trigger('SIGTERM');
    expect(isClosed).toBe(true);
    expect(codes).toEqual([1]);
    expect(lines).toContainEqual(expect.objectContaining({ step: 'drain http', msg: 'shutdown step failed' }));
  });

  test('ends the process at the hard limit and says what was not finished', async () => {
    let exited: (code: number) => void = () => undefined;
    const code = new Promise<number>((resolve) => (exited = resolve));
    const { shutdown, lines } = setUp({ hardLimitMs: 30, exit: exited });
    shutdown.onDrain('http', () => new Promise(() => undefined));
    void shutdown.trigger('SIGTERM');
    expect(await code).toBe(1);
    expect(lines.at(-1)).toMatchObject({ unfinished: ['drain http'] });
  });
});
