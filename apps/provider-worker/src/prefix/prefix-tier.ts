import type { JobHeader } from '@costlane/contracts';
import {
  cacheLifetimesMs,
  cacheSalt,
  chainTokens,
  chatSegments,
  LeaderGate,
  prefixBlocks,
  promptCacheKey,
  type GatePass,
  type LeaderGateOptions,
  type PrefixChain,
  type PrefixTracker,
} from '@costlane/domain';
import type { ProviderAdapter, ProviderOutcome, ProviderRequest, ProviderSink } from '@costlane/providers';
import { withCacheSalt, withPromptCacheKey } from './add-to-body';
import type { PrefixMetrics } from './prefix-metrics';
import { ReplicaAdapter } from './replica-adapter';
import { waitForLeader } from './wait-for-leader';

/** From here on providers cache a prompt (OpenAI's documented minimum). */
const minTokens = 1_024;
/** A body below this has fewer tokens than that by our own estimate, and is not looked at. */
const minBodyBytes = minTokens * 4;
/** A provider that turned down a request because of its cache key gets none for so long. */
const keyRestMs = 3_600_000;

/** What is done for a provider's prompt cache. */
export interface PrefixTraits {
  readonly promptCacheKey?: boolean;
  readonly cacheSalt?: boolean;
}

export interface PrefixTierOptions {
  /** By provider; one that is not named is called as it is. */
  readonly traits: ReadonlyMap<string, PrefixTraits>;
  readonly tracker: PrefixTracker;
  readonly metrics: PrefixMetrics;
  /** Keeps tenants from computing one another's salts; the same for all workers. */
  readonly saltSecret?: string;
  readonly gate?: LeaderGateOptions;
  readonly now?: () => number;
}

/** How a job's provider is called; by default directly. */
export type CallProvider = (
  header: JobHeader,
  adapter: ProviderAdapter,
  request: ProviderRequest,
  sink: ProviderSink,
) => Promise<ProviderOutcome>;

/** Calls providers so that their own prompt caches are used: keys and salts, leaders first, prompts kept on their replica. */
export function createPrefixTier(options: PrefixTierOptions): CallProvider {
  const { traits, tracker, metrics, saltSecret, now = Date.now } = options;
  const gates = new Map([...traits.keys()].map((provider) => [provider, new LeaderGate(options.gate)]));
  const keysRestUntilMs = new Map<string, number>();

  return (header, adapter, request, sink) => {
    const wanted = traits.get(header.provider);
    const isLong = request.body.length >= minBodyBytes;
    if (!wanted || !(isLong || wanted.cacheSalt)) return adapter.execute(request, sink);
    const salted = wanted.cacheSalt ? withSalt(header, request) : request;
    // Among replicas short prompts are worth keeping together as well.
    const segments = isLong || adapter instanceof ReplicaAdapter ? chatSegments(request.body) : undefined;
    if (!segments) return adapter.execute(salted, sink);
    const { tenantId, provider } = header;
    const chain = prefixBlocks(segments, { tenantId, provider, model: header.upstreamModel });
    const nowMs = now();
    const knownBlocks = tracker.knownBlocks(chain, nowMs - cacheLifetimesMs.short);
    tracker.record(chain, nowMs);
    if (chainTokens(chain) < minTokens) return send(adapter, chain, salted, sink);
    const isKeyed = wanted.promptCacheKey && nowMs >= (keysRestUntilMs.get(provider) ?? 0);
    const keyed = isKeyed ? withKey(header, chain, salted, nowMs) : salted;
    if (keyed !== request) metrics.marked(provider);
    return callLong({ header, adapter, chain, knownBlocks, nowMs, request: keyed, unkeyed: salted, sink });
  };

  function withSalt({ tenantId }: JobHeader, request: ProviderRequest): ProviderRequest {
    return { ...request, body: withCacheSalt(request.body, (own) => cacheSalt(tenantId, saltSecret, own)) };
  }

  function withKey({ tenantId }: JobHeader, chain: PrefixChain, request: ProviderRequest, nowMs: number) {
    const body = withPromptCacheKey(request.body, () => promptCacheKey(tenantId, chain, tracker, nowMs));
    return body === request.body ? request : { ...request, body };
  }

  async function callLong(call: LongCall): Promise<ProviderOutcome> {
    const { header, adapter, chain, nowMs, request, unkeyed, sink } = call;
    const gate = gates.get(header.provider);
    const pass = gate?.enter(chain, call.knownBlocks, nowMs, request.deadlineAtMs);
    try {
      if (gate && pass) await passGate(header.provider, gate, pass, request);
      const watched = gate && pass?.role === 'leader' ? tellingSink(sink, () => gate.answered(pass)) : sink;
      let outcome = await send(adapter, chain, request, watched);
      if (request !== unkeyed && isKeyRefused(outcome)) {
        keysRestUntilMs.set(header.provider, now() + keyRestMs);
        metrics.fallback('prompt_cache_key');
        const { upstreamCalls } = outcome;
        outcome = await send(adapter, chain, unkeyed, watched);
        outcome = { ...outcome, upstreamCalls: outcome.upstreamCalls + upstreamCalls };
      }
      if (outcome.ok && pass) gate?.answered(pass);
      if (outcome.usage && outcome.usageSource === 'provider') metrics.used(header.provider, outcome.usage);
      return outcome;
    } finally {
      if (pass) gate?.ended(pass, now());
    }
  }

  async function passGate(provider: string, gate: LeaderGate, pass: GatePass, request: ProviderRequest): Promise<void> {
    if (pass.role === 'follower') {
      await waitForLeader(gate, pass, request.signal, pass.enteredAtMs);
      metrics.waited(provider, now() - pass.enteredAtMs);
    }
    if (pass.role === 'leader') metrics.led(provider);
  }
}

interface LongCall {
  readonly header: JobHeader;
  readonly adapter: ProviderAdapter;
  readonly chain: PrefixChain;
  readonly knownBlocks: number;
  readonly nowMs: number;
  readonly request: ProviderRequest;
  /** The same without our cache key. */
  readonly unkeyed: ProviderRequest;
  readonly sink: ProviderSink;
}

function send(adapter: ProviderAdapter, chain: PrefixChain, request: ProviderRequest, sink: ProviderSink) {
  return adapter instanceof ReplicaAdapter
    ? adapter.executePrefix(chain, request, sink)
    : adapter.execute(request, sink);
}

/** A stream begins with its head: the provider has read the prompt by then. */
function tellingSink(sink: ProviderSink, onBegin: () => void): ProviderSink {
  return {
    head(head) {
      onBegin();
      sink.head(head);
    },
    chunk: (bytes) => sink.chunk(bytes),
    onResume: sink.onResume && ((callback) => sink.onResume?.(callback)),
  };
}

/** Servers that only resemble OpenAI may refuse a field that they do not know; they name it. */
function isKeyRefused(outcome: ProviderOutcome): boolean {
  if (outcome.ok || outcome.hasDelivered || (outcome.status !== 400 && outcome.status !== 422)) return false;
  return outcome.body?.includes('prompt_cache_key') === true;
}
