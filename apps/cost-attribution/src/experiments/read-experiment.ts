import { CostlaneError } from '@costlane/domain';
import type { StoredControl } from '@costlane/ledger';
import { z } from 'zod';

const bodySchema = z.object({
  tenantId: z.string().optional(),
  createdAt: z.string().optional(),
  variants: z.array(z.object({ name: z.string(), weight: z.number() })).min(1),
});

/** What a report needs of an experiment's document. */
export interface ReportedExperiment {
  readonly id: string;
  readonly tenantId: string | undefined;
  /** The first is what the others are compared with. */
  readonly variants: readonly { readonly name: string; readonly weight: number }[];
  /** RFC 3339. */
  readonly startedAt: string | null;
  readonly stoppedAt: string | null;
}

/** Throws `internal` where the document is none of an experiment. */
export function readExperiment({ id, body, isDeleted, updatedAt }: StoredControl): ReportedExperiment {
  const read = bodySchema.safeParse(body);
  if (!read.success) throw new CostlaneError('internal', 'The document of this experiment cannot be read.');
  const { tenantId, createdAt, variants } = read.data;
  return {
    id,
    tenantId,
    variants,
    startedAt: createdAt ?? null,
    stoppedAt: isDeleted ? updatedAt.toISOString() : null,
  };
}
