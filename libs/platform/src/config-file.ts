import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';

const fileNames = ['costlane.config.json', 'costlane.config.yaml', 'costlane.config.yml'];

/**
 * Settings of the first config file found in `directory`, under the names the environment uses: nested groups are joined
 * (`batch: { maxSize: 16 }` is `BATCH_MAX_SIZE`), lists become comma lists. Empty when there is no file.
 * Throws an error that names the file when it cannot be parsed.
 */
export function readConfigFile(directory: string): Record<string, string> {
  const name = fileNames.find((candidate) => existsSync(path.join(directory, candidate)));
  if (!name) return {};
  const parsed = parseFile(name, readFileSync(path.join(directory, name), 'utf8'));
  if (parsed === null || parsed === undefined) return {};
  if (typeof parsed !== 'object' || Array.isArray(parsed)) throw new Error(`${name}: must hold an object of settings`);
  const settings: Record<string, string> = {};
  flatten(parsed, '', settings);
  return settings;
}

// A parser's own message may quote the text around the error, and with it a secret: only the place is passed on.
function parseFile(name: string, text: string): unknown {
  try {
    return name.endsWith('.json') ? JSON.parse(text) : parseYaml(text);
  } catch (error) {
    const line = (error as { linePos?: { line: number }[] }).linePos?.[0]?.line;
    throw new Error(
      `${name}: is not valid ${name.endsWith('.json') ? 'JSON' : 'YAML'}${line ? ` (line ${line})` : ''}`,
    );
  }
}

function flatten(value: object, prefix: string, into: Record<string, string>): void {
  for (const [key, entry] of Object.entries(value)) {
    const name = prefix + toEnvironmentName(key);
    if (entry === null || entry === undefined) continue;
    if (Array.isArray(entry)) into[name] = entry.map(String).join(',');
    else if (typeof entry === 'object') flatten(entry as object, `${name}_`, into);
    else into[name] = String(entry);
  }
}

/** `maxSize` and `max-size` are `MAX_SIZE`; what is in capitals already stays. */
function toEnvironmentName(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[-. ]/g, '_')
    .toUpperCase();
}
