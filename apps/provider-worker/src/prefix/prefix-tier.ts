import type { JobHeader } from '@costlane/contracts';
import {
  cacheLifetimesMs,
  cacheSalt,
  chainTokens,
  chatSegments,
  LeaderGate,
  markAnthropicPrompt,
  prefixBlocks,
  promptCacheKey,
  type AnthropicBody,
  type LeaderGateOptions,
  type ModelPrice,
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
  /** Anthropic's `cache_control`: set by the transport, on the body in Anthropic's format, through `markPrompt`. */
  readonly cacheControl?: boolean;
}

/** A request to a provider whose own format marks what is to be cached. */
export interface MarkingRequest extends ProviderRequest {
  /** The body with marks where they are expected to pay; to be called right before the request is sent. */
  readonly markPrompt: (body: AnthropicBody, bodyBytes?: number) => AnthropicBody;
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
  /** The model's, where it is known: whether writing to a cache pays depends on it. */
  price?: ModelPrice,
) => Promise<ProviderOutcome>;

/** Calls providers so that their own prompt caches are used: keys and salts, leaders first, prompts kept on their replica. */
export function createPrefixTier(options: PrefixTierOptions): CallProvider {
  const tier = new PrefixTier(options);
  return (...call) => tier.call(...call);
}

class PrefixTier {
  private readonly gates: ReadonlyMap<string, LeaderGate>;
  private readonly keysRestUntilMs = new Map<string, number>();
  private readonly now: () => number;

  constructor(private readonly options: PrefixTierOptions) {
    this.gates = new Map([...options.traits.keys()].map((provider) => [provider, new LeaderGate(options.gate)]));
    this.now = options.now ?? Date.now;
  }

  call(...[header, adapter, request, sink, price]: Parameters<CallProvider>): Promise<ProviderOutcome> {
    const { provider } = header;
    const traits = this.options.traits.get(provider);
    if (header.isHoldout) return adapter.execute(traits?.cacheSalt ? this.withSalt(header, request) : request, sink);
    if (traits?.cacheControl) return this.callMarking(header, adapter, request, sink, price);
    // Embeddings have no prefix that a provider keeps, and other dialects no place where we could name it.
    if (request.dialect !== 'openai.chat') return adapter.execute(request, sink);
    const isLong = request.body.length >= minBodyBytes;
    if (!traits || !(isLong || traits.cacheSalt)) return adapter.execute(request, sink);
    const salted = traits.cacheSalt ? this.withSalt(header, request) : request;
    // Among replicas short prompts are worth keeping together as well.
    const segments = isLong || adapter instanceof ReplicaAdapter ? chatSegments(request.body) : undefined;
    if (!segments) return adapter.execute(salted, sink);
    const { tracker, metrics } = this.options;
    const chain = prefixBlocks(segments, { tenantId: header.tenantId, provider, model: header.upstreamModel });
    const nowMs = this.now();
    const knownBlocks = tracker.knownBlocks(chain, nowMs - cacheLifetimesMs.short);
    if (chainTokens(chain) < minTokens) {
      tracker.record(chain, nowMs);
      return send(adapter, chain, salted, sink);
    }
    const isKeyed = traits.promptCacheKey && nowMs >= (this.keysRestUntilMs.get(provider) ?? 0);
    const keyed = isKeyed ? this.withKey(header, chain, salted, nowMs) : salted;
    if (keyed !== request) metrics.marked(provider);
    return this.callLong({ provider, adapter, chain, knownBlocks, nowMs, request: keyed, unkeyed: salted, sink });
  }

  private withSalt({ tenantId }: JobHeader, request: ProviderRequest): ProviderRequest {
    const { saltSecret } = this.options;
    return { ...request, body: withCacheSalt(request.body, (own) => cacheSalt(tenantId, saltSecret, own)) };
  }

  private withKey({ tenantId }: JobHeader, chain: PrefixChain, request: ProviderRequest, nowMs: number) {
    const keyOf = (): string => promptCacheKey(tenantId, chain, this.options.tracker, nowMs);
    const body = withPromptCacheKey(request.body, keyOf);
    return body === request.body ? request : { ...request, body };
  }

  private async callMarking(...[header, adapter, request, sink, price]: Parameters<CallProvider>) {
    const { tenantId, provider, upstreamModel: model } = header;
    const { tracker, metrics } = this.options;
    let isLong = false;
    // A second attempt sends what the first one did.
    let marked: AnthropicBody | undefined;
    const marking: MarkingRequest = {
      ...request,
      markPrompt: (body, bodyBytes) => {
        if (marked) return marked;
        const scope = { tenantId, provider, model };
        const plan = markAnthropicPrompt({ body, bodyBytes, scope, tracker, price, nowMs: this.now() });
        isLong = (bodyBytes ?? Infinity) >= minBodyBytes;
        if (plan.marks.length > 0) metrics.marked(provider);
        return (marked = plan.body);
      },
    };
    const outcome = await adapter.execute(marking, sink);
    if (isLong && outcome.usage && outcome.usageSource === 'provider') metrics.used(provider, outcome.usage);
    return outcome;
  }

  private async callLong(call: LongCall): Promise<ProviderOutcome> {
    const { provider, chain, request, sink } = call;
    const { tracker, metrics } = this.options;
    const gate = this.gates.get(provider) ?? new LeaderGate();
    const pass = gate.enter(chain, call.knownBlocks, call.nowMs, request.deadlineAtMs);
    try {
      if (pass.role === 'follower') {
        await waitForLeader(gate, pass, request.signal, call.nowMs);
        metrics.waited(provider, this.now() - call.nowMs);
      }
      const isLeading = pass.role === 'leader';
      // What a leader asks for is known once the provider has read it: after one that failed the next one leads.
      const onBegin = (): void => {
        if (pass.role !== 'leader') return;
        tracker.record(chain, this.now());
        gate.answered(pass);
      };
      if (isLeading) metrics.led(provider);
      else tracker.record(chain, this.now());
      const outcome = await this.sendKeyed(call, isLeading ? tellingSink(sink, onBegin) : sink);
      if (outcome.ok) onBegin();
      if (outcome.usage && outcome.usageSource === 'provider') metrics.used(provider, outcome.usage);
      return outcome;
    } finally {
      gate.ended(pass, this.now());
    }
  }

  /** With our cache key, and once more without it where the server turns it down. */
  private async sendKeyed({ provider, adapter, chain, request, unkeyed }: LongCall, sink: ProviderSink) {
    const outcome = await send(adapter, chain, request, sink);
    if (request === unkeyed || !isKeyRefused(outcome)) return outcome;
    this.keysRestUntilMs.set(provider, this.now() + keyRestMs);
    this.options.metrics.fallback('prompt_cache_key');
    const again = await send(adapter, chain, unkeyed, sink);
    return { ...again, upstreamCalls: again.upstreamCalls + outcome.upstreamCalls };
  }
}

interface LongCall {
  readonly provider: string;
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
