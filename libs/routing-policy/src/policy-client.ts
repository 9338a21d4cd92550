import type { ModelHealthMessage, PolicyUpdate } from '@costlane/contracts';
import { applyPolicyUpdate, CostlaneError, type RoutingPolicy } from '@costlane/domain';
import type { Logger, Metrics } from '@costlane/platform';
import { decodePolicyUpdate } from './policy-codec';
import { openPolicyStream } from './policy-stream';

export interface PolicyClient {
  /** The policy that holds now; undefined until the first one has come. Never blocks: an outage of the router leaves the last one. */
  current(): RoutingPolicy | undefined;
  /**
   * Resolves with the first policy, at once when there is one.
   * Rejects with CostlaneError `not_ready` after `timeoutMs` or when the client is closed.
   */
  ready(timeoutMs: number): Promise<RoutingPolicy>;
  /** The router is away, so the policy at hand may be out of date. */
  isStale(): boolean;
  /** Called with each new policy; gives how to stop that. */
  onChange(callback: (policy: RoutingPolicy) => void): () => void;
  /** Tells the router how the models do that this process asked lately; lost while the router is away. */
  reportHealth(health: ModelHealthMessage[]): void;
  close(): void;
}

export interface PolicyClientOptions {
  /** `host:port` of the router's gRPC server. */
  readonly address: string;
  /** Service and instance, for the router's view of who lags. */
  readonly subscriber: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly backOff?: { readonly firstMs: number; readonly lastMs: number };
}

interface Waiter {
  resolve(policy: RoutingPolicy): void;
  reject(error: CostlaneError): void;
}

/**
 * Follows the router's policy: a full one, then deltas, each acknowledged with the version applied. A delta that does not fit makes it
 * ask for a full policy. While the router is away it goes on with the last policy, counted and visible as stale.
 */
export function createPolicyClient(options: PolicyClientOptions): PolicyClient {
  const { subscriber, logger } = options;
  const gauges = policyGauges(options.metrics);
  const listeners = new Set<(policy: RoutingPolicy) => void>();
  const waiters = new Set<Waiter>();
  let policy: RoutingPolicy | undefined;
  let isStale = false;
  let isAwaitingFull = false;

  const setStale = (stale: boolean, reason = ''): void => {
    if (isStale === stale) return;
    isStale = stale;
    gauges.stale.set(stale ? 1 : 0);
    if (stale) options.metrics.fallback('policy_stale');
    const version = policy?.version;
    if (stale) logger.warn({ version, reason }, 'router lost; going on with the last policy');
    else logger.info({ version }, 'router is back');
  };

  const onUpdate = (message: PolicyUpdate): void => {
    // Deltas that were under way when a full policy was asked for.
    if (isAwaitingFull && message.baseVersion !== '') return;
    const { update, unreadablePrices } = decodePolicyUpdate(message);
    const applied = applyPolicyUpdate(policy, update);
    isAwaitingFull = !applied.ok;
    if (!applied.ok) {
      logger.warn({ ...applied.error }, 'policy update does not fit; asking for the full policy');
      stream.acknowledge({ subscriber, appliedVersion: '', health: [] });
      return;
    }
    for (const model of unreadablePrices) {
      options.metrics.fallback('policy_price_unreadable');
      logger.error({ model, version: update.version }, 'price of a model cannot be read; its cost counts as unknown');
    }
    const isNew = policy?.version !== applied.value.version;
    policy = applied.value;
    setStale(false);
    stream.acknowledge({ subscriber, appliedVersion: policy.version, health: [] });
    if (!isNew) return;
    gauges.setVersion(policy.version);
    logger.info({ version: policy.version, models: policy.models.size }, 'policy applied');
    for (const waiter of waiters) waiter.resolve(policy);
    for (const listener of listeners) listener(policy);
  };

  const stream = openPolicyStream({
    address: options.address,
    backOff: options.backOff,
    hello: () => ({ subscriber, appliedVersion: policy?.version ?? '', health: [] }),
    onUpdate,
    onDown: (reason) => {
      isAwaitingFull = false;
      if (policy) setStale(true, reason);
      else logger.debug({ reason }, 'no policy yet; trying again');
    },
  });

  return {
    current: () => policy,
    ready: (timeoutMs) => (policy ? Promise.resolve(policy) : waitForPolicy(waiters, timeoutMs)),
    isStale: () => isStale,
    onChange(callback) {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    reportHealth(health) {
      // Before the first policy an acknowledgement would ask for one.
      if (policy && !isStale) stream.acknowledge({ subscriber, appliedVersion: policy.version, health });
    },
    close() {
      stream.close();
      for (const waiter of waiters) waiter.reject(notReady('The policy client was closed before a policy came.'));
    },
  };
}

function waitForPolicy(waiters: Set<Waiter>, timeoutMs: number): Promise<RoutingPolicy> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      waiters.delete(waiter);
    };
    const waiter: Waiter = {
      resolve: (policy) => {
        settle();
        resolve(policy);
      },
      reject: (error) => {
        settle();
        reject(error);
      },
    };
    const timer = setTimeout(
      () => waiter.reject(notReady(`The router gave no policy within ${timeoutMs} ms.`)),
      timeoutMs,
    );
    waiters.add(waiter);
  });
}

const notReady = (message: string): CostlaneError => new CostlaneError('not_ready', message);

function policyGauges(metrics: Metrics) {
  const stale = metrics.gauge({
    name: 'costlane_policy_stale',
    help: '1 while the router is away and the last policy is in use',
  });
  const version = metrics.gauge({
    name: 'costlane_policy_version',
    help: 'The policy version in use, as label',
    labelNames: ['version'],
  });
  stale.set(0);
  return {
    stale,
    setVersion(name: string): void {
      version.reset();
      version.set({ version: name }, 1);
    },
  };
}
