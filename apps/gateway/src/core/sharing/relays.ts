import { parseReplyField } from '@costlane/contracts';
import type { GatewayNote, NotePublisher, ReplyItem } from '@costlane/lanes';
import type { MemoryTier } from '@costlane/response-store';
import { replyHeaderOf } from '../cached-reply';
import type { Call, Member } from '../call';
import type { CallTable } from '../call-table';
import { RelayListener } from './relay-listener';
import { shareForm } from './share-key';

export type JoinNote = Extract<GatewayNote, { kind: 'join' }>;

/** The leading gateway's side: its calls that others follow. */
export interface Relays {
  join(note: JoinNote): void;
  leave(from: string, relay: string): void;
  /** Parts that Redis did not take: those streams have a gap, and are given up. */
  lost(parts: readonly ReplyItem[]): void;
  /** Tells each follower which of its relays go on. */
  beat(): void;
  /** The call of this member is not made: its gateway has to go another way. */
  letGo(member: Member): void;
  /** No more joins. */
  refuse(): void;
  /** Gives up what is being passed on. */
  stop(): void;
  size(): number;
}

interface Relay {
  note: JoinNote;
  call: Call;
  member: Member;
  listener: RelayListener;
}

export function createRelays(options: {
  gatewayId: string;
  calls: CallTable;
  memory: Pick<MemoryTier, 'get'>;
  notes: Pick<NotePublisher, 'say'>;
  send: (item: ReplyItem) => void;
  leave: (call: Call, member: Member) => void;
  count: (outcome: 'relayed' | 'given' | 'refused') => void;
}): Relays {
  const { gatewayId, calls, memory, notes, count } = options;
  const relays = new Map<string, Relay>();
  let isRefusing = false;

  const tell = ({ from, relay }: JoinNote, kind: 'joined' | 'gone'): void =>
    notes.say(from, { kind, from: gatewayId, relay });

  const giveUp = (one: Relay): void => {
    one.listener.close();
    relays.delete(nameOf(one.note.from, one.note.relay));
    tell(one.note, 'gone');
    options.leave(one.call, one.member);
  };

  /** The call is over, but the exact tier may not have its answer yet. */
  const giveKept = (note: JoinNote): boolean => {
    const kept = memory.get(note.tenantId, note.fingerprint);
    if (!kept) return false;
    const header = replyHeaderOf(kept);
    const listener = new RelayListener(note, options.send, () => undefined);
    listener.whole({
      header,
      form: kept.header.form,
      body: kept.body,
      tier: 'coalesced',
      paidNanoUsd: 0,
      savedNanoUsd: header.baselineNanoUsd,
      ageSeconds: 0,
    });
    return true;
  };

  const relay = (note: JoinNote, call: Call): void => {
    const name = nameOf(note.from, note.relay);
    const listener = new RelayListener(note, options.send, () => relays.delete(name));
    // The follower watches over its own clients' deadlines; the provider is asked under the leader's.
    const { deadlineAtMs } = call.leader;
    const request = { ...call.leader, requestId: note.requestId, deadlineAtMs };
    const member: Member = { request, listener, isRemote: true };
    relays.set(name, { note, call, member, listener });
    tell(note, 'joined');
    call.add(member);
  };

  return {
    join(note) {
      const call = isRefusing ? undefined : calls.byRequestId(note.leaderRequestId);
      if (call && isSameQuestion(call, note) && call.canJoin(note)) {
        count('relayed');
        relay(note, call);
      } else if (!isRefusing && giveKept(note)) count('given');
      else {
        count('refused');
        tell(note, 'gone');
      }
    },
    leave(from, relayName) {
      const one = relays.get(nameOf(from, relayName));
      if (!one) return;
      one.listener.close();
      relays.delete(nameOf(from, relayName));
      options.leave(one.call, one.member);
    },
    lost(parts) {
      for (const part of parts) {
        const relayName = parseReplyField(part.field)?.attempt;
        const one = relayName === undefined ? undefined : relays.get(nameOf(part.replyTo, relayName));
        if (one) giveUp(one);
      }
    },
    beat() {
      const byFollower = new Map<string, string[]>();
      for (const { note } of relays.values()) {
        const names = byFollower.get(note.from);
        if (names) names.push(note.relay);
        else byFollower.set(note.from, [note.relay]);
      }
      for (const [from, names] of byFollower) notes.say(from, { kind: 'alive', from: gatewayId, relays: names });
    },
    letGo(member) {
      for (const one of relays.values()) if (one.member === member) return giveUp(one);
    },
    refuse: () => void (isRefusing = true),
    stop() {
      isRefusing = true;
      for (const one of [...relays.values()]) giveUp(one);
    },
    size: () => relays.size,
  };
}

const nameOf = (from: string, relay: string): string => `${from} ${relay}`;

/** Said again by the follower, so that a mix-up of ids cannot show one tenant another's answer. */
function isSameQuestion({ leader }: Call, note: JoinNote): boolean {
  return (
    leader.caller.tenantId === note.tenantId &&
    leader.fingerprint === note.fingerprint &&
    shareForm(leader) === note.form &&
    leader.useCache &&
    !leader.idempotency
  );
}
