import { readFile, stat } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Logger } from '@costlane/platform';
import { alertRulesSchema, builtInRules, type AlertRules } from './alert-rules';

const MAX_BYTES = 1_000_000;

/**
 * Rules from a JSON or YAML file, read again when it has changed. A file that cannot be read or does not hold keeps the rules that were in force, and is logged once for each change.
 */
export function createRulesFile(file: string | undefined, logger: Logger): () => Promise<AlertRules> {
  let rules = builtInRules;
  let seen = '';
  return async () => {
    if (file === undefined) return rules;
    try {
      const { mtimeMs, size } = await stat(file);
      const version = `${mtimeMs}/${size}`;
      if (version === seen) return rules;
      seen = version;
      rules = readRules(await readBounded(file, size));
      logger.info({ file }, 'alert rules read');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (seen !== reason) logger.error({ file, reason }, 'alert rules not read; those before stay in force');
      if (isMissing(error)) seen = reason;
    }
    return rules;
  };
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES');

function readBounded(file: string, size: number): Promise<string> {
  if (size > MAX_BYTES) throw new Error(`The file must be at most ${MAX_BYTES} bytes.`);
  return readFile(file, 'utf8');
}

/** @throws Error that names the field and what would be right */
export function readRules(text: string): AlertRules {
  const parsed = alertRulesSchema.safeParse(parse(text) ?? {});
  if (parsed.success) return parsed.data.rules;
  throw new Error(z.prettifyError(parsed.error));
}
