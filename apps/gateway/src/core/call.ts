import { decodeReply, type CacheTier, type ReplyHeader, type ReplyPart, type SemanticAudit } from '@costlane/contracts';
import type { CostlaneError } from '@costlane/domain';
import { type Reservation, type RouteDecision } from '@costlane/domain';
import { isSamePayer } from '../budgets/payer-of';
import type { AnswerNeeds } from '../dialects/openai-chat/answer-needs';
import type { AnswerListener, WholeAnswer } from './answer';
import { deadlinePassed, interrupted } from './call-errors';
import { errorReply } from './error-reply';
import type { InferenceRequest } from './inference-request';
import { wholeReply } from './whole-reply';

/** A stream longer than this is not kept: late joiners then start a call of their own, and it is not stored. */
const KEEP_MAX_BYTES = 2 * 1024 * 1024;
/** Parts may overtake one another when a stream changes from Redis to the direct road: how many, and how long, one is waited for. */
const EARLY_MAX_PARTS = 1_000;
const EARLY_MAX_WAIT_MS = 2_000;
/** A worker gives up at the deadline as well, and puts that on record: its word is waited for before something else is given instead. */
const RESCUE_GRACE_MS = 100;

export interface Member {
  request: InferenceRequest;
  listener: AnswerListener;
  /** Stands for those who wait at another gateway, which puts them on record itself. */
  isRemote?: true;
  /** The call that it is in now, where that is not the one it came to first. */
  movedTo?: Call;
}

/** A question's claim among all gateways, held while its answer is on the way. */
export interface HeldClaim {
  key: string;
  expiresAtMs: number;
}

export interface CallOutcome {
  header: ReplyHeader;
  form: 'json' | 'sse';
  /** The answer's bytes, when they were kept. */
  body?: Buffer;
}

/**
 * One question under way and everybody who waits for its answer. The first member asked it; the others joined because they ask the
 * same, and get a stream from its beginning. It goes on until the last one has left.
 */
export class Call {
  readonly members = new Set<Member>();
  /** Latest of the members' deadlines. */
  deadlineAtMs: number;
  isPublished = false;
  isDirect = false;
  isSettled = false;
  /** A stored answer that this call's own is to be compared with. */
  audit: SemanticAudit | undefined;
  /** This gateway is the one that asks. */
  claim: HeldClaim | undefined;
  /** Another gateway asks, and its answer comes here: nobody here pays. */
  isFollowing = false;
  /** What budgets have set aside for it. */
  reservation: Reservation | undefined;
  /** What it has cost by the word of the worker that ended it; undefined: none has said so. */
  paidNanoUsd: number | undefined;
  /** Hears that word before those who wait do. */
  onPaid: ((call: Call) => void) | undefined;
  private isRefused = false;
  private isRescued = false;
  private isRescuable = false;
  private earliestDeadlineAtMs = Infinity;
  private readonly early = new Map<number, ReplyPart>();
  private earlySinceMs = Infinity;
  private attempt: string | undefined;
  private nextSeq = 0;
  private head: ReplyHeader | undefined;
  private knownNeeds: AnswerNeeds | undefined;
  private chunks: Buffer[] = [];
  private keptBytes = 0;

  constructor(
    readonly leader: InferenceRequest,
    readonly decision: RouteDecision,
    private readonly onSettled: (call: Call, outcome: CallOutcome) => void,
    /** Gives members something else than a failure, where there is something, and takes them out of the call. */
    private readonly rescue?: (call: Call, outcome: CallOutcome) => Promise<void> | undefined,
    /** Lets a member go its own way. */
    private readonly reask?: (member: Member) => void,
  ) {
    this.deadlineAtMs = leader.deadlineAtMs;
  }

  /** When it has failed for want of an answer. */
  get endsAtMs(): number {
    return this.isRescuable && !this.head ? this.deadlineAtMs + RESCUE_GRACE_MS : this.deadlineAtMs;
  }

  get requestId(): string {
    return this.leader.requestId;
  }

  /** The body for the chosen model. */
  upstreamBody(): Buffer {
    return this.leader.upstreamBody(this.decision.model.upstreamModel);
  }

  /** Which other answers may serve it; for requests that want a cache. */
  needs(): AnswerNeeds | undefined {
    if (!this.leader.useCache) return undefined;
    this.knownNeeds ??= this.leader.needs();
    return this.knownNeeds;
  }

  get hasStarted(): boolean {
    return this.attempt !== undefined;
  }

  /**
   * False when it is too late to join: what has passed of the stream was not kept, or the call ends long before the joiner has to. And
   * who is in a hurry does not wait for what runs when there is nothing else to do.
   */
  canJoin(request: Pick<InferenceRequest, 'deadlineAtMs' | 'priority'>): boolean {
    if (this.isSettled || this.isRefused || this.keptBytes > KEEP_MAX_BYTES) return false;
    if (this.leader.priority === 'batch' && request.priority !== 'batch') return false;
    // The provider is asked under the leader's deadline: one that is nearly over would cut a patient joiner short.
    const nowMs = Date.now();
    return this.leader.deadlineAtMs - nowMs >= (request.deadlineAtMs - nowMs) / 2;
  }

  add(member: Member): void {
    this.members.add(member);
    const { acceptsStale, useCache } = member.request;
    if (this.rescue && acceptsStale && useCache && !member.isRemote) this.isRescuable = true;
    this.deadlineAtMs = Math.max(this.deadlineAtMs, member.request.deadlineAtMs);
    this.earliestDeadlineAtMs = Math.min(this.earliestDeadlineAtMs, member.request.deadlineAtMs);
    if (!this.head) return;
    member.listener.head(this.head, this.tierOf(member), this.decision);
    for (const chunk of this.chunks) member.listener.chunk(chunk);
  }

  remove(member: Member): void {
    this.members.delete(member);
  }

  /** Takes the next part of the answer; parts that come twice, or of a run that was overtaken, are passed over. */
  take(part: ReplyPart): void {
    // The failure that it is being rescued from may come twice, over either road.
    if (this.isSettled || this.isRescued) return;
    if (part.kind === 'r') {
      const reply = wholeReply(part.value);
      this.hasCost(reply.header.paidNanoUsd);
      if (this.head) this.fail(interrupted());
      else this.settle(reply);
      return;
    }
    if (this.attempt !== undefined && part.attempt !== this.attempt) {
      // Two runs of one stream cannot be joined: what the client has seen is of the first.
      if (part.kind === 'e' || part.kind === 'h') this.fail(interrupted());
      return;
    }
    if (part.seq < this.nextSeq) return;
    this.attempt = part.attempt;
    if (part.seq > this.nextSeq) return this.keepEarly(part);
    this.nextSeq = part.seq + 1;
    if (part.kind === 'h') this.start(decodeReply(part.value).header);
    else if (part.kind === 'c') this.pass(part.value);
    else {
      const { header } = decodeReply(part.value);
      this.hasCost(header.paidNanoUsd);
      this.settle({ header, form: 'sse', body: this.kept() });
    }
    const next = this.early.get(this.nextSeq);
    if (next) {
      this.early.delete(this.nextSeq);
      if (this.early.size === 0) this.earlySinceMs = Infinity;
      this.take(next);
    }
  }

  private hasCost(paidNanoUsd: number): void {
    this.paidNanoUsd = paidNanoUsd;
    this.onPaid?.(this);
  }

  /** A part that came over one road before those ahead of it came over the other: it waits for them, for a while. */
  private keepEarly(part: ReplyPart): void {
    if (this.early.size >= EARLY_MAX_PARTS) return this.fail(interrupted());
    if (this.early.size === 0) this.earlySinceMs = Date.now();
    this.early.set(part.seq, part);
  }

  /** Gives up a stream whose missing part does not come; true when it did. */
  giveUpGap(nowMs: number): boolean {
    if (this.isSettled || nowMs - this.earlySinceMs < EARLY_MAX_WAIT_MS) return false;
    this.fail(interrupted());
    return true;
  }

  /** Ends the call with an error for everybody who waits. */
  fail(error: CostlaneError): void {
    if (!this.isSettled) this.settle(errorReply(error, this.decision));
  }

  /**
   * Ends the call before a provider is asked, because of who asks it. Those who joined it and are somebody else go their own way by `reask`; the
   * others hear the error.
   */
  refuse(error: CostlaneError): void {
    if (this.isSettled) return;
    const others = [...this.members].filter(({ request, isRemote }) => isRemote || !isSamePayer(request, this.leader));
    for (const member of others) this.members.delete(member);
    this.isRefused = true;
    this.fail(error);
    for (const member of others) this.reask?.(member);
  }

  /** Ends the call with an answer that was found instead of asked for. */
  answer(answer: WholeAnswer): void {
    this.isSettled = true;
    this.tellAll(({ listener }) => listener.whole(answer));
  }

  /** Tells members whose own deadline has passed, while the call goes on for the others. */
  expireMembers(nowMs: number): void {
    if (nowMs < this.earliestDeadlineAtMs) return;
    this.earliestDeadlineAtMs = Infinity;
    for (const member of this.members) {
      if (member.request.deadlineAtMs > nowMs) {
        this.earliestDeadlineAtMs = Math.min(this.earliestDeadlineAtMs, member.request.deadlineAtMs);
        continue;
      }
      this.members.delete(member);
      this.tell(member, errorReply(deadlinePassed(), this.decision));
    }
  }

  /** Whether a worker was asked for this request: it puts it on record, and unless another request's answer served it, it pays. */
  isAskedFor(request: InferenceRequest): boolean {
    return request === this.leader && !this.isFollowing;
  }

  private tierOf({ request }: Member): CacheTier {
    return this.isAskedFor(request) ? 'miss' : 'coalesced';
  }

  private start(header: ReplyHeader): void {
    this.head = header;
    this.tellAll((member) => member.listener.head(header, this.tierOf(member), this.decision));
  }

  private pass(bytes: Buffer): void {
    this.keptBytes += bytes.length;
    if (this.keptBytes <= KEEP_MAX_BYTES) this.chunks.push(bytes);
    else this.chunks = [];
    this.tellAll(({ listener }) => listener.chunk(bytes));
  }

  private kept(): Buffer | undefined {
    return this.keptBytes <= KEEP_MAX_BYTES ? Buffer.concat(this.chunks) : undefined;
  }

  private settle(outcome: CallOutcome): void {
    // Once, and only for a failure of which nobody has seen anything else.
    const rescue = this.isRescued || this.head || !outcome.header.errorCode ? undefined : this.rescue?.(this, outcome);
    if (rescue) {
      this.isRescued = true;
      rescue.finally(() => this.isSettled || this.settle(outcome)).catch(() => undefined);
      return;
    }
    this.isSettled = true;
    try {
      this.tellAll((member) => this.tell(member, outcome));
    } finally {
      this.onSettled(this, outcome);
      this.chunks = [];
    }
  }

  /** A member that fails leaves the call and holds up nobody else; its failure is thrown when all others have been told. */
  private tellAll(tell: (member: Member) => void): void {
    let failure: unknown;
    for (const member of this.members) {
      try {
        tell(member);
      } catch (error) {
        this.members.delete(member);
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
  }

  private tell(member: Member, { header, form, body }: CallOutcome): void {
    const { listener } = member;
    // A worker had one question for several requests: another one pays.
    const tier = header.isShared ? 'coalesced' : this.tierOf(member);
    const paidNanoUsd = tier === 'miss' ? header.paidNanoUsd : 0;
    const savedNanoUsd = header.baselineNanoUsd - paidNanoUsd;
    const { decision } = this;
    if (this.head) listener.end({ header, tier, paidNanoUsd, savedNanoUsd, ageSeconds: 0, decision });
    else
      listener.whole({ header, tier, paidNanoUsd, savedNanoUsd, ageSeconds: 0, decision, form, body: body ?? EMPTY });
  }
}

const EMPTY = Buffer.alloc(0);
