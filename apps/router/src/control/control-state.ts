import type { ControlDocument } from '@costlane/contracts';
import type { Experiment, TenantPolicy } from '@costlane/domain';
import { readExperiment, readTenantPolicy, type Flaw } from './read-documents';

/** The documents as the store gave them, up to a version. Never changed in place. */
export interface ControlState {
  readonly version: number;
  /** Those that are not deleted, by kind and id. */
  readonly live: ReadonlyMap<string, ControlDocument>;
}

/** What the policy is built with. */
export interface ControlDocuments {
  readonly tenants: readonly TenantPolicy[];
  readonly experiments: readonly Experiment[];
}

export const emptyState: ControlState = { version: 0, live: new Map() };

/** The state after changes that follow it, in their order. */
export function withChanges(state: ControlState, changes: readonly ControlDocument[]): ControlState {
  const live = new Map(state.live);
  let { version } = state;
  for (const change of changes) {
    const key = JSON.stringify([change.kind, change.id]);
    if (change.isDeleted) live.delete(key);
    else live.set(key, change);
    version = Math.max(version, change.version);
  }
  return { version, live };
}

/** Reads the documents; those that cannot be read, and kinds of a later version, are left out and told of. */
export function readState({ live }: ControlState, tell: (flaw: Flaw) => void): ControlDocuments {
  const tenants: TenantPolicy[] = [];
  const experiments: Experiment[] = [];
  for (const { kind, id, json } of live.values()) {
    const body = readBody(json);
    if (!body) tell({ kind, id, flaw: 'is not a JSON object' });
    else if (kind === 'tenant-policy') tenants.push(readTenantPolicy(id, body, tell));
    else if (kind === 'experiment') {
      const experiment = readExperiment(id, body, tell);
      if (experiment) experiments.push(experiment);
    } else tell({ kind, id, flaw: 'is of a kind that this version does not know' });
  }
  return { tenants, experiments };
}

function readBody(json: string): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(json);
    return typeof body === 'object' && body !== null && !Array.isArray(body)
      ? (body as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
