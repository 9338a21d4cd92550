import { encodeReply, replyField, type ReplyHeader, type ReplyKind } from '@costlane/contracts';
import type { ReplyItem } from '@costlane/lanes';
import type { AnswerEnd, AnswerListener, WholeAnswer } from '../answer';

export interface RelayTarget {
  /** Gateway that follows, the id of its request and its name for this relay. */
  from: string;
  requestId: string;
  relay: string;
}

/** Passes an answer on as reply parts into another gateway's reply stream; what a stream brings in one tick is one part. */
export class RelayListener implements AnswerListener {
  private nextSeq = 0;
  private gathered: Buffer[] = [];
  private isClosed = false;

  constructor(
    private readonly target: RelayTarget,
    private readonly send: (item: ReplyItem) => void,
    private readonly onOver: () => void,
  ) {}

  whole({ header, body }: WholeAnswer): void {
    this.part('r', encodeReply(header, body));
    this.onOver();
  }

  head(head: Parameters<AnswerListener['head']>[0]): void {
    this.part('h', encodeReply(openingHeader(head)));
  }

  chunk(bytes: Buffer): void {
    if (this.gathered.push(bytes) === 1) setImmediate(() => this.flush());
  }

  end({ header }: AnswerEnd): void {
    this.flush();
    this.part('e', encodeReply(header));
    this.onOver();
  }

  /** Nothing more is passed on. */
  close(): void {
    this.isClosed = true;
    this.gathered = [];
  }

  private flush(): void {
    if (this.gathered.length === 0) return;
    const [only] = this.gathered;
    const bytes = this.gathered.length === 1 && only ? only : Buffer.concat(this.gathered);
    this.gathered = [];
    this.part('c', bytes);
  }

  private part(kind: ReplyKind, value: Buffer): void {
    if (this.isClosed) return;
    const { from, requestId, relay } = this.target;
    this.send({ requestId, replyTo: from, field: replyField(kind, relay, this.nextSeq++, requestId), value });
  }
}

/** What a stream's client is told before its answer; what it cost is known at its end. */
const openingHeader = (head: Parameters<AnswerListener['head']>[0]): ReplyHeader => ({
  status: head.status,
  contentType: head.contentType,
  provider: head.provider,
  modelUsed: head.modelUsed,
  routeSteps: head.routeSteps,
  paidNanoUsd: 0,
  baselineNanoUsd: 0,
  savings: { cache: 0, routing: 0, prefix: 0, batching: 0 },
  upstreamLatencyMs: 0,
  upstreamCalls: 0,
});
