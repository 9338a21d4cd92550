import { createLogger } from '../logger';
import type { Logger } from '../logger';

/** For specs: a logger whose lines can be read back. */
export function createLogLines(level = 'debug'): { logger: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  return { logger: createLogger({ service: 'test', level, destination }), lines };
}
