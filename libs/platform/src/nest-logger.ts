import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger';

/** Nest's own log lines as ours: its start-up chatter becomes `debug`. */
export function createNestLogger(logger: Logger): LoggerService {
  const contextOf = (rest: unknown[]) => {
    const context = rest.at(-1);
    return typeof context === 'string' ? { context } : {};
  };
  return {
    log: (message: unknown, ...rest: unknown[]) => logger.debug(contextOf(rest), String(message)),
    debug: (message: unknown, ...rest: unknown[]) => logger.debug(contextOf(rest), String(message)),
    verbose: (message: unknown, ...rest: unknown[]) => logger.trace(contextOf(rest), String(message)),
    warn: (message: unknown, ...rest: unknown[]) => logger.warn(contextOf(rest), String(message)),
    error: (message: unknown, ...rest: unknown[]) => {
      if (message instanceof Error) logger.error({ ...contextOf(rest), err: message }, message.message);
      else logger.error({ ...contextOf(rest), stack: rest.length > 1 ? rest[0] : undefined }, String(message));
    },
    fatal: (message: unknown, ...rest: unknown[]) => logger.fatal(contextOf(rest), String(message)),
  };
}
