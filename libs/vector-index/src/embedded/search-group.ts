import { MAX_RESULTS, TABLE_ENTRIES, type Arena } from './arena';
import type { Group } from './group';
import type { Part } from './part';
import type { RecordTable } from './records';
import type { VectorMatch, VectorQuery } from '../vector-index';

/**
 * How far beyond the border of its part a match is looked for, as a share of the distance that the least similarity allows. On real
 * questions (bench/) 0.26 lost 1 % of those at a cosine of 0.80 to 0.92 and 0.34 none.
 */
const REACH = 0.34;
/**
 * Similarities to begin with where the least one asked for would let too many records through: once a list is full, its last match is
 * what others have to reach.
 */
const LADDER = [0.95, 0.85, 0.7, 0.5, 0.3];
const LOW_SIMILARITY = 0.75;
const MANY_EXAMINED = 400;
const AVERAGE_WEIGHT = 0.1;

/** Best matches of a group, best first. The query has been checked. */
export function searchGroup(group: Group, query: VectorQuery, nowMs: number, records: RecordTable): VectorMatch[] {
  const arenas = new Set(group.parts.map(({ arena }) => arena));
  if (arenas.size === 1) {
    const [arena] = arenas;
    return arena ? searchArena(arena, group, query, nowMs, records) : [];
  }
  // While a group moves from one arena to another.
  return [...arenas]
    .flatMap((arena) => searchArena(arena, group, query, nowMs, records))
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, query.limit);
}

function searchArena(
  arena: Arena,
  group: Group,
  query: VectorQuery,
  nowMs: number,
  records: RecordTable,
): VectorMatch[] {
  const parts = group.parts.filter((part) => part.arena === arena);
  const hasSketches = parts.some(({ header }) => header !== undefined);
  arena.setVector(query.vector);
  let [found, examined] = [0, 0];
  for (const least of hasSketches ? ladderFor(group, query.minSimilarity) : [query.minSimilarity]) {
    arena.kernel.beginQuery(Math.min(query.limit, MAX_RESULTS), least, nowMs);
    found = scan(arena, parts, hasSketches);
    examined += arena.kernel.examinedCount();
    if (found === query.limit) break;
  }
  if (hasSketches) group.examinedAverage += AVERAGE_WEIGHT * (examined - group.examinedAverage);
  return matchesOf(arena, found, records);
}

function ladderFor({ examinedAverage }: Group, minSimilarity: number): number[] {
  if (minSimilarity >= LOW_SIMILARITY && examinedAverage < MANY_EXAMINED) return [minSimilarity];
  return [...LADDER.filter((similarity) => similarity > minSimilarity + 0.02), minSimilarity];
}

function scan(arena: Arena, parts: readonly Part[], hasSketches: boolean): number {
  const { kernel } = arena;
  const table = kernel.tableAddress() / 4;
  let [found, open] = [0, 0];
  for (const part of parts) if (part.header === undefined) found = scanPlain(arena, part, table);
  if (!hasSketches) return found;
  kernel.projectQuery();
  for (const part of parts) {
    if (part.header === undefined) continue;
    // What drains is not in the part of its nearest centre, so it is searched whatever its centre is.
    if (part.isDraining || open === TABLE_ENTRIES) found = kernel.scanOnePart(part.header);
    else arena.words[table + open++] = part.header;
  }
  return open > 0 ? kernel.scanParts(open, REACH) : found;
}

function scanPlain(arena: Arena, { records }: Part, table: number): number {
  let found = 0;
  for (let from = 0; from < records.length; from += TABLE_ENTRIES) {
    const to = Math.min(records.length, from + TABLE_ENTRIES);
    for (let i = from; i < to; i++) arena.words[table + i - from] = records[i]?.slot ?? 0;
    found = arena.kernel.scanSlots(to - from);
  }
  return found;
}

function matchesOf(arena: Arena, found: number, records: RecordTable): VectorMatch[] {
  const similarities = arena.kernel.similaritiesAddress() / 4;
  const numbers = arena.kernel.numbersAddress() / 4;
  const matches: VectorMatch[] = [];
  for (let i = 0; i < found; i++) {
    const record = records.at(arena.words[numbers + i] ?? 0);
    const similarity = arena.floats[similarities + i] ?? 0;
    if (record) matches.push({ id: record.id, similarity: Math.min(1, Math.max(-1, similarity)) });
  }
  return matches;
}
