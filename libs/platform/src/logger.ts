import { pino } from 'pino';
import type { DestinationStream, Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;

export interface LoggerOptions {
  service: string;
  /** `trace|debug|info|warn|error|fatal|silent`; default info. */
  level?: string;
  /** Default: stdout, written synchronously, so that a crash loses no line. */
  destination?: DestinationStream;
}

/** Fields that may hold a credential or a prompt; they are removed at the top of a log object and up to two levels below. */
const secretFields = [
  'authorization',
  'Authorization',
  'cookie',
  'x-api-key',
  'X-Api-Key',
  'apiKey',
  'password',
  'prompt',
  'messages',
  'body',
];

/** What a command was about that Redis refused: ioredis puts it on the error, questions and answers included. */
const commandPaths = ['err.command.args', 'err.aggregateErrors[*].command.args'];

const redactedPaths = secretFields
  .flatMap((field) => {
    const bracketed = `["${field}"]`;
    return [bracketed, `*${bracketed}`, `*.*${bracketed}`];
  })
  .concat(commandPaths);

/** JSON lines: `level` as a word, `time` as RFC 3339, `service`, `msg`. Credentials and prompts are redacted by field name. */
export function createLogger({ service, level = 'info', destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: redactedPaths, censor: '[redacted]' },
  };
  return destination ? pino(options, destination) : pino(options);
}
