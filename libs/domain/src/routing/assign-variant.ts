import { createHash } from 'node:crypto';
import type { Experiment, ExperimentVariant } from './experiment';
import type { RoutingPolicy } from './routing-policy';

/** Who takes part, and with what. */
export interface VariantFeatures {
  readonly tenantId: string;
  /** Stays the same for one user; the split is by it. */
  readonly subject: string;
  readonly featureName?: string;
  /** `auto` where the request leaves the choice. */
  readonly modelAsked: string;
}

export interface AssignedVariant {
  readonly experiment: Experiment;
  readonly variant: ExperimentVariant;
}

const hashRange = 2 ** 48;

/**
 * The experiment that a request takes part in, and its variant: the first by id that concerns it. A user's place is a hash of experiment,
 * tenant and user, so that it is the same on every gateway and at every time, and independent between experiments.
 */
export function assignVariant(
  { experiments }: Pick<RoutingPolicy, 'experiments'>,
  features: VariantFeatures,
): AssignedVariant | undefined {
  if (experiments.size === 0) return undefined;
  let found: AssignedVariant | undefined;
  for (const experiment of experiments.values()) {
    if (!concerns(experiment, features) || (found && found.experiment.id < experiment.id)) continue;
    const variant = variantOf(experiment, features);
    if (variant) found = { experiment, variant };
  }
  return found;
}

function concerns(experiment: Experiment, { tenantId, featureName, modelAsked }: VariantFeatures): boolean {
  if (experiment.tenantId !== undefined && experiment.tenantId !== tenantId) return false;
  if (experiment.featureName !== undefined && experiment.featureName !== featureName) return false;
  return (experiment.modelAsked ?? 'auto') === modelAsked;
}

/** The variant that a user of the experiment has; undefined for one who does not take part. */
export function variantOf(
  { id, share, variants }: Experiment,
  { tenantId, subject }: Pick<VariantFeatures, 'tenantId' | 'subject'>,
): ExperimentVariant | undefined {
  if (place([id, 'share', tenantId, subject]) >= share) return undefined;
  const total = variants.reduce((sum, { weight }) => sum + weight, 0);
  let left = place([id, 'variant', tenantId, subject]) * total;
  for (const variant of variants) {
    left -= variant.weight;
    if (left < 0) return variant;
  }
  return variants.findLast(({ weight }) => weight > 0);
}

/** Uniform in [0, 1). */
function place(parts: readonly string[]): number {
  return createHash('sha256').update(JSON.stringify(parts)).digest().readUIntBE(0, 6) / hashRange;
}
