import type { Redis } from '@costlane/platform';

/** Makes the group (and the stream) where it is missing; it then reads from the stream's beginning, so that nothing is passed over. */
export async function ensureGroup(redis: Redis, stream: string, group: string): Promise<void> {
  try {
    await redis.xgroup('CREATE', stream, group, '0', 'MKSTREAM');
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('BUSYGROUP')) throw error;
  }
}

export const isMissingGroup = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('NOGROUP');

/** One entry as it was read: its id and its fields, names and values in turn. */
export interface StreamEntry {
  stream: string;
  id: string;
  fields: Buffer[];
}

/** Reply of XREADGROUP, XREAD (`[[stream, [[id, fields]]]]`) as entries. An entry that was deleted meanwhile has no fields and is left out. */
export function toEntries(reply: unknown): StreamEntry[] {
  const entries: StreamEntry[] = [];
  if (!Array.isArray(reply)) return entries;
  for (const [stream, rows] of reply as [Buffer, [Buffer, Buffer[] | null][]][]) {
    const name = stream.toString();
    for (const [id, fields] of rows) if (fields) entries.push({ stream: name, id: id.toString(), fields });
  }
  return entries;
}

/** Of a reply with a consumer's own pending entries: the last id, and the ids of entries that are no longer in the stream. */
export function pendingIds(reply: unknown): { last: string | undefined; gone: string[] } {
  const rows = Array.isArray(reply)
    ? (reply as [Buffer, [Buffer, Buffer[] | null][]][]).flatMap(([, each]) => each)
    : [];
  return {
    last: rows.at(-1)?.[0].toString(),
    gone: rows.filter(([, fields]) => !fields).map(([id]) => id.toString()),
  };
}

/** The value of a named field, or undefined. */
export function fieldValue(fields: readonly Buffer[], name: string): Buffer | undefined {
  for (let i = 0; i + 1 < fields.length; i += 2) if (fields[i]?.toString('latin1') === name) return fields[i + 1];
  return undefined;
}
