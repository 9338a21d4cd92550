import type { ChangedControlReply, ControlDocument } from '@costlane/contracts';

/** A store of documents in memory that answers as the real one does. */
export function createMemoryControl() {
  let documents: ControlDocument[] = [];
  let version = 0;
  let isAway = false;
  const asked: number[] = [];
  const add = (kind: string, id: string, json: string, isDeleted: boolean): void => {
    version += 1;
    documents = documents.filter((one) => one.kind !== kind || one.id !== id);
    documents.push({ kind, id, json, version, isDeleted, updatedAt: '2026-11-27T00:00:00.000Z' });
  };
  return {
    asked,
    put: (kind: string, id: string, body: unknown) => add(kind, id, JSON.stringify(body), false),
    putRaw: (kind: string, id: string, json: string) => add(kind, id, json, false),
    remove: (kind: string, id: string) => add(kind, id, '{}', true),
    setAway: (away: boolean) => void (isAway = away),
    /** As when the database is set back to a backup that knows nothing. */
    reset() {
      documents = [];
      version = 0;
    },
    /** Two documents an answer, so that readers have to go on. */
    changed(sinceVersion: number): Promise<ChangedControlReply> {
      if (isAway) return Promise.reject(new Error('away'));
      asked.push(sinceVersion);
      const page = documents.filter((one) => one.version > sinceVersion).slice(0, 2);
      return Promise.resolve({ documents: page, latestVersion: page.at(-1)?.version ?? version });
    },
  };
}

export const experimentBody = {
  share: 1,
  variants: [
    { name: 'a', weight: 1 },
    { name: 'b', weight: 1, model: 'gpt-4o' },
  ],
};
