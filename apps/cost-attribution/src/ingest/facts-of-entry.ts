import { recordFields } from '@costlane/ledger';

/** Texts are kept under these names only: whatever else stands in an entry that nobody can read may be somebody's words. */
const knownTexts = new Set<string>([...recordFields, 'model', 'reason']);
/** Beside a record: the answer's description with the question, and what a tenant has stored of it. */
const words = new Set(['fill', 'prompt']);
const TEXT_LIMIT = 200;
const LIST_LIMIT = 8;
const DEPTH_LIMIT = 6;

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/**
 * What is kept of a completions entry of another version, as names and values: its records by the line, with their numbers whatever they are called, and of their texts
 * those whose names are known. What is not JSON, as the answers, is left out.
 */
export function factsOfEntry(fields: readonly Buffer[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const lines = (fields[i + 1] as Buffer).toString('utf8').split('\n');
    const facts = lines.flatMap((line) => {
      const fact = factsOf(parsed(line));
      return fact === undefined ? [] : JSON.stringify(fact);
    });
    if (facts.length > 0) kept.push((fields[i] as Buffer).toString('latin1').slice(0, TEXT_LIMIT), facts.join('\n'));
  }
  return kept;
}

/** Undefined: no object. */
function parsed(line: string): Json | undefined {
  try {
    const value = JSON.parse(line) as Json;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function factsOf(value: Json | undefined, isKnown = false, depth = 0): Json | undefined {
  if (typeof value === 'string') return isKnown ? value.slice(0, TEXT_LIMIT) : undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_LIMIT) return undefined;
  if (Array.isArray(value))
    return value.slice(0, LIST_LIMIT).flatMap((each) => factsOf(each, isKnown, depth + 1) ?? []);
  const facts = Object.entries(value).flatMap(([name, part]) => {
    const fact = words.has(name) ? undefined : factsOf(part, knownTexts.has(name), depth + 1);
    return fact === undefined ? [] : [[name, fact] as const];
  });
  return Object.fromEntries(facts);
}
