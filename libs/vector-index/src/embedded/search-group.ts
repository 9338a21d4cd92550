import type { VectorMatch, VectorQuery } from '../vector-index';
import { TABLE_ENTRIES, type Arena } from './arena';
import type { Group } from './group';
import type { Part } from './part';
import type { RecordTable } from './records';

/**
 * How far beyond the border of its part a match is looked for, as a share of the distance that the least similarity allows. On real
 * questions of 384 dimensions (bench/) 0.26 lost 2 % of those at a cosine of 0.80 to 0.92, 0.34 up to 1 %; smaller parts need more. The
 * fewer the dimensions, the more of a distance may lead straight across: its standard deviation in one direction is 1 / √dimension of it.
 */
const reachFor = (dimension: number): number => Math.max(0.38, 4 / Math.sqrt(dimension));

/** Best matches of a group, best first. The query has been checked. */
export function searchGroup(group: Group, query: VectorQuery, nowMs: number, records: RecordTable): VectorMatch[] {
  const { parts } = group;
  const arena = group.currentArena();
  if (parts.every((part) => part.arena === arena)) return searchParts(arena, parts, query, nowMs, records);
  // While the group moves from one arena to another.
  return [...new Set(parts.map((part) => part.arena))]
    .flatMap((each) =>
      searchParts(
        each,
        parts.filter((part) => part.arena === each),
        query,
        nowMs,
        records,
      ),
    )
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, query.limit);
}

function searchParts(
  arena: Arena,
  parts: readonly Part[],
  query: VectorQuery,
  nowMs: number,
  records: RecordTable,
): VectorMatch[] {
  arena.setVector(query.vector);
  arena.kernel.beginQuery(query.limit, query.minSimilarity, nowMs);
  return matchesOf(arena, scan(arena, parts), records);
}

function scan(arena: Arena, parts: readonly Part[]): number {
  const { kernel } = arena;
  const table = kernel.tableAddress() / 4;
  let [found, open, isProjected] = [0, 0, false];
  for (const part of parts) if (part.header === undefined) found = scanPlain(arena, part, table);
  for (const part of parts) {
    if (part.header === undefined) continue;
    if (!isProjected) kernel.projectQuery();
    isProjected = true;
    // What drains is not in the part of its nearest centre, so it is searched whatever its centre is.
    if (part.isDraining || open === TABLE_ENTRIES) found = kernel.scanOnePart(part.header);
    else arena.words[table + open++] = part.header;
  }
  return open > 0 ? kernel.scanParts(open, reachFor(arena.dimension)) : found;
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
