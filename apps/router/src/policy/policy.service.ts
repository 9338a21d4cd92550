import { createPolicy, policyContentHash, policyVersion, type RoutingPolicy } from '@costlane/domain';
import type { Logger, Metrics } from '@costlane/platform';
import type { PolicyDraft } from './build-policy';

export interface PolicyService {
  /** Its version is empty while there is none: nothing may be decided by it, and nobody gets it. */
  current(): RoutingPolicy;
  /** Builds the policy anew; a new version comes only of a change in what it says. */
  rebuild(): void;
  onChange(callback: (policy: RoutingPolicy) => void): void;
}

/** Holds the one policy in force and versions it: the subscribers' copies are compared by version alone. */
export function createPolicyService(options: {
  /** Undefined: something that it has to be built with is not known yet. */
  build: () => PolicyDraft | undefined;
  logger: Logger;
  metrics: Metrics;
}): PolicyService {
  const { build, logger } = options;
  const listeners: ((policy: RoutingPolicy) => void)[] = [];
  const toldWarnings = new Set<string>();
  let counter = 0;
  let contentHash = '';
  let policy: RoutingPolicy = createPolicy({});

  const rebuild = (): void => {
    const draft = build();
    if (!draft) return;
    const { content, warnings } = draft;
    for (const warning of warnings) if (!toldWarnings.has(warning)) logger.warn(warning);
    toldWarnings.clear();
    for (const warning of warnings) toldWarnings.add(warning);
    const hash = policyContentHash(content);
    if (hash === contentHash) return;
    contentHash = hash;
    counter += 1;
    policy = { version: policyVersion(counter, hash), ...content };
    logger.info(
      { version: policy.version, models: policy.models.size, defaultModel: policy.defaultModel },
      'new policy',
    );
    for (const listener of listeners) listener(policy);
  };
  options.metrics.gauge({
    name: 'costlane_policy_models',
    help: 'Models in the policy, by state',
    labelNames: ['state'],
    collect() {
      const models = [...policy.models.values()];
      const enabled = models.filter((model) => model.isEnabled);
      this.set({ state: 'enabled' }, enabled.length);
      this.set({ state: 'disabled' }, models.length - enabled.length);
      this.set({ state: 'unpriced' }, enabled.filter((model) => !model.price).length);
    },
  });
  rebuild();
  return { current: () => policy, rebuild, onChange: (callback) => void listeners.push(callback) };
}
