import type { handleBidiStreamingCall, ServerDuplexStream } from '@grpc/grpc-js';
import type { PolicyAck, PolicyUpdate } from '@costlane/contracts';
import { diffPolicies, type RoutingPolicy } from '@costlane/domain';
import type { Logger, Metrics } from '@costlane/platform';
import { encodePolicyUpdate } from '@costlane/routing-policy';

type PolicyCall = ServerDuplexStream<PolicyAck, PolicyUpdate>;

interface Subscription {
  readonly call: PolicyCall;
  /** Empty until the subscriber has said who it is: before, it gets nothing. */
  name: string;
  /** What the next delta builds on; undefined: the subscriber needs a full policy. */
  sent: RoutingPolicy | undefined;
  appliedVersion: string;
  /** What was sent has not left yet; more follows, as one delta, when it has. */
  isCongested: boolean;
}

export interface SubscriberState {
  subscriber: string;
  appliedVersion: string;
  isCurrent: boolean;
}

export interface PolicySubscribers {
  readonly watchPolicy: handleBidiStreamingCall<PolicyAck, PolicyUpdate>;
  /** Sends everyone what leads from their version to the current one. */
  publish(): void;
  states(): SubscriberState[];
  /** Ends all streams: subscribers go on with what they have and connect again elsewhere. */
  endAll(): void;
}

/**
 * Everyone who follows the policy. A new subscriber gets the full one (or, when it has the current version already, an empty delta as a
 * sign of life), then deltas; whoever acknowledges the empty version gets the full one again. While there is no policy they get nothing.
 */
export function createPolicySubscribers(options: {
  current: () => RoutingPolicy;
  /** Takes what a subscriber says of the models that it calls. */
  onHealth?: (subscriber: string, health: PolicyAck['health']) => void;
  logger: Logger;
  metrics: Metrics;
}): PolicySubscribers {
  const { current, logger } = options;
  const subscriptions = new Set<Subscription>();

  const write = (subscription: Subscription, from: RoutingPolicy | undefined): void => {
    const to = current();
    subscription.sent = to;
    if (subscription.call.write(encodePolicyUpdate(diffPolicies(from, to)))) return;
    subscription.isCongested = true;
    subscription.call.once('drain', () => {
      subscription.isCongested = false;
      catchUp(subscription);
    });
  };

  const catchUp = (subscription: Subscription): void => {
    const { version } = current();
    if (subscription.name === '' || subscription.isCongested || version === '') return;
    if (subscription.sent?.version !== version) write(subscription, subscription.sent);
  };

  const onAck = (subscription: Subscription, { subscriber, appliedVersion, health }: PolicyAck): void => {
    if (health.length > 0) options.onHealth?.(subscriber, health);
    subscription.appliedVersion = appliedVersion;
    if (subscription.name === '') {
      subscription.name = subscriber || 'unnamed';
      logger.info({ subscriber, appliedVersion }, 'policy subscriber came');
      if (appliedVersion !== '' && appliedVersion === current().version) write(subscription, current());
      else catchUp(subscription);
    } else if (appliedVersion === '') {
      logger.warn({ subscriber }, 'policy subscriber asks for the full policy');
      subscription.sent = undefined;
      catchUp(subscription);
    }
  };

  const remove = (subscription: Subscription, reason: string): void => {
    if (subscriptions.delete(subscription))
      logger.info({ subscriber: subscription.name, reason }, 'policy subscriber left');
  };

  const isCurrent = ({ appliedVersion }: Subscription): boolean => appliedVersion === current().version;
  options.metrics.gauge({
    name: 'costlane_policy_subscribers',
    help: 'Processes that follow the policy: those that applied the current version and those behind it',
    labelNames: ['state'],
    collect() {
      const all = [...subscriptions];
      const currentCount = all.filter(isCurrent).length;
      this.set({ state: 'current' }, currentCount);
      this.set({ state: 'behind' }, all.length - currentCount);
    },
  });

  return {
    watchPolicy(call) {
      const subscription: Subscription = { call, name: '', sent: undefined, appliedVersion: '', isCongested: false };
      subscriptions.add(subscription);
      call.on('data', (ack: PolicyAck) => onAck(subscription, ack));
      call.on('cancelled', () => remove(subscription, 'cancelled'));
      call.on('error', (error) => remove(subscription, error.message));
      call.on('end', () => {
        remove(subscription, 'ended');
        call.end();
      });
    },
    publish: () => subscriptions.forEach(catchUp),
    states: () =>
      [...subscriptions].map((subscription) => ({
        subscriber: subscription.name,
        appliedVersion: subscription.appliedVersion,
        isCurrent: isCurrent(subscription),
      })),
    endAll() {
      for (const { call } of subscriptions) call.end();
    },
  };
}
