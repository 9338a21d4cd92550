import type { z } from 'zod';
import { readConfigFile } from './config-file';

/** `sysexits.h` EX_CONFIG: a supervisor should not restart what only a person can repair. */
export const CONFIG_EXIT_CODE = 78;

/** Settings that do not pass; `problems` has one line per field and never a value. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`configuration is not valid:\n${problems.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export interface ConfigSource {
  env?: NodeJS.ProcessEnv;
  /** Where `costlane.config.json|yaml` is looked for; default: the working directory. */
  directory?: string;
}

/**
 * Settings from the environment and, below it, from `costlane.config.json|yaml`. An empty variable counts as not set.
 * Throws {@link ConfigError}.
 */
export function parseConfig<T>(schema: z.ZodType<T>, source: ConfigSource = {}): T {
  const settings = readSettings(source);
  const parsed = schema.safeParse(settings);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map((issue) => describe(issue, settings)));
}

/**
 * {@link parseConfig} for a service's start: on an error prints one line per field on stderr and exits with 78. The lines name
 * what is wrong, never the value, which may be a secret.
 */
export function loadConfig<T>(schema: z.ZodType<T>, env: NodeJS.ProcessEnv = process.env): T {
  try {
    return parseConfig(schema, { env });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(CONFIG_EXIT_CODE);
  }
}

function readSettings({ env = process.env, directory = process.cwd() }: ConfigSource): Record<string, string> {
  const settings = fileSettings(directory);
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value !== '') settings[name] = value;
  }
  return settings;
}

function fileSettings(directory: string): Record<string, string> {
  try {
    return readConfigFile(directory);
  } catch (error) {
    throw new ConfigError([error instanceof Error ? error.message : String(error)]);
  }
}

function describe(issue: z.core.$ZodIssue, settings: Record<string, string>): string {
  const field = issue.path.length > 0 ? issue.path.map(String).join('.') : 'settings';
  const value = settings[field];
  if (value === undefined && issue.code === 'invalid_type') return `${field}: is missing`;
  const text = value !== undefined && value.length > 3 ? issue.message.replaceAll(value, '***') : issue.message;
  return `${field}: ${text}`;
}
