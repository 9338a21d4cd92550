/** What this library needs of a logger; pino fits. */
export interface PricingLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Where no logger is given: warnings and errors go to stderr, because a wrong price must not go unseen. */
export const stderrLogger: PricingLogger = {
  info: () => undefined,
  warn: (_fields, message) => process.stderr.write(`${message}\n`),
  error: (_fields, message) => process.stderr.write(`${message}\n`),
};
