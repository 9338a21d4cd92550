import { chainTokens, firstBlockOf, type PrefixChain } from './prefix-blocks';

export interface LeaderGateOptions {
  /** Providers cache from here on, and less than this is not worth waiting for. Default 1,024. */
  readonly minTokens?: number;
  /** A follower waits no longer than this, nor than its share of the time to its deadline. Default 2,000 and 0.1. */
  readonly maxWaitMs?: number;
  readonly deadlineShare?: number;
  /** Blocks under a leader's hand, and requests that wait, at the most; beyond that requests pass. Default 20,000 and 10,000. */
  readonly maxLedBlocks?: number;
  readonly maxFollowers?: number;
}

/** A request at the gate. `onRelease` is called once, when a follower may go: freed, or a leader now. */
export interface GatePass {
  role: 'free' | 'leader' | 'follower';
  readonly enteredAtMs: number;
  /** A follower's bound: epoch milliseconds. */
  readonly untilMs: number;
  onRelease?: () => void;
}

interface Pass extends GatePass {
  readonly chain: PrefixChain;
  /** Leading blocks that were cached when the request came, without those that its leader was only asking for. */
  knownBlocks: number;
  lead: Lead | undefined;
}

interface Lead {
  readonly ledHashes: readonly string[];
  /** Blocks and tokens before the part that the leader is the first to ask for. */
  readonly knownBlocks: number;
  readonly knownTokens: number;
  readonly followers: Set<Pass>;
}

/**
 * Lets the first request of a long prefix that no cache holds go alone; those that come with the same prefix follow
 * when its answer has begun, and so find it cached, or when they have waited long enough. A leader that fails hands
 * over to the follower that came first. State only: the clock and the waiting are the caller's.
 *
 * Every pass must come to `ended`. Nobody waits for ever: each follower has a bound of its own, which its caller
 * watches (`expired`), whatever becomes of the leader.
 */
export class LeaderGate {
  private readonly minTokens: number;
  private readonly maxWaitMs: number;
  private readonly deadlineShare: number;
  private readonly maxLedBlocks: number;
  private readonly maxFollowers: number;
  private readonly leads = new Map<string, Lead>();
  private followers = 0;

  constructor(options: LeaderGateOptions = {}) {
    this.minTokens = options.minTokens ?? 1_024;
    this.maxWaitMs = options.maxWaitMs ?? 2_000;
    this.deadlineShare = options.deadlineShare ?? 0.1;
    this.maxLedBlocks = options.maxLedBlocks ?? 20_000;
    this.maxFollowers = options.maxFollowers ?? 10_000;
  }

  get waiting(): number {
    return this.followers;
  }

  get ledBlocks(): number {
    return this.leads.size;
  }

  /** @param knownBlocks leading blocks that were asked for within the provider's cache lifetime before this request */
  enter(chain: PrefixChain, knownBlocks: number, nowMs: number, deadlineAtMs: number): GatePass {
    const waitMs = Math.min(this.maxWaitMs, (deadlineAtMs - nowMs) * this.deadlineShare);
    const pass: Pass = {
      role: 'free',
      enteredAtMs: nowMs,
      untilMs: nowMs + Math.max(0, waitMs),
      chain,
      knownBlocks,
      lead: undefined,
    };
    if (chainTokens(chain) >= this.minTokens) this.place(pass, nowMs);
    return pass;
  }

  /** The provider has begun to answer: it has read the prompt, and what came with it is cached. */
  answered(gatePass: GatePass): void {
    const pass = gatePass as Pass;
    const { lead } = pass;
    if (pass.role !== 'leader' || !lead) return;
    this.dissolve(pass, lead);
    for (const follower of lead.followers) this.release(follower, 'free');
    lead.followers.clear();
  }

  /** A follower's bound has passed, or nobody wants its answer any more: it goes, or ends, by itself. */
  expired(gatePass: GatePass): void {
    const pass = gatePass as Pass;
    if (pass.role !== 'follower') return;
    pass.lead?.followers.delete(pass);
    this.release(pass, 'free');
  }

  /** The request is over. A leader that has not been answered has failed: the next one takes its place. */
  ended(gatePass: GatePass, nowMs: number): void {
    const pass = gatePass as Pass;
    this.expired(pass);
    const { lead } = pass;
    if (pass.role !== 'leader' || !lead) return;
    this.dissolve(pass, lead);
    for (const follower of lead.followers) {
      this.followers--;
      follower.lead = undefined;
      this.place(follower, nowMs);
      // Whoever found another leader waits on, within the same bound.
      if (follower.role !== 'follower') this.tell(follower);
    }
    lead.followers.clear();
  }

  private place(pass: Pass, nowMs: number): void {
    const lead = this.leads.size > 0 ? this.leadOf(pass) : undefined;
    if (lead) {
      const canWait = pass.untilMs > nowMs && this.followers < this.maxFollowers;
      pass.role = canWait ? 'follower' : 'free';
      if (!canWait) return;
      pass.lead = lead;
      pass.knownBlocks = Math.min(pass.knownBlocks, lead.knownBlocks);
      lead.followers.add(pass);
      this.followers++;
    } else this.tryToLead(pass);
  }

  /** The leader of the longest part that this prompt shares with one, if that part is worth waiting for. */
  private leadOf({ chain }: Pass): Lead | undefined {
    for (let i = chain.hashes.length - 1; i >= 0; i--) {
      const lead = this.leads.get(chain.hashes[i] ?? '');
      if (lead) return (chain.endTokens[i] ?? 0) - lead.knownTokens >= this.minTokens ? lead : undefined;
    }
    return undefined;
  }

  private tryToLead(pass: Pass): void {
    const { chain, knownBlocks } = pass;
    const knownTokens = chain.endTokens[knownBlocks - 1] ?? 0;
    const first = firstBlockOf(chain, knownTokens + this.minTokens);
    pass.role = 'free';
    if (first < 0) return;
    const ledHashes = chain.hashes.slice(first);
    if (this.leads.size + ledHashes.length > this.maxLedBlocks) return;
    const lead: Lead = { ledHashes, knownBlocks, knownTokens, followers: new Set() };
    for (const hash of ledHashes) if (!this.leads.has(hash)) this.leads.set(hash, lead);
    pass.role = 'leader';
    pass.lead = lead;
  }

  private dissolve(pass: Pass, lead: Lead): void {
    pass.role = 'free';
    pass.lead = undefined;
    for (const hash of lead.ledHashes) if (this.leads.get(hash) === lead) this.leads.delete(hash);
  }

  private release(pass: Pass, role: 'free' | 'leader'): void {
    this.followers--;
    pass.role = role;
    pass.lead = undefined;
    this.tell(pass);
  }

  private tell(pass: Pass): void {
    const { onRelease } = pass;
    pass.onRelease = undefined;
    onRelease?.();
  }
}
