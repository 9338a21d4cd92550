import type { Call, Member } from './call';
import type { CallTable } from './call-table';
import type { Dispatcher } from './dispatcher';

/** A member's client has gone; the last one takes the call along, and the provider is told to stop. */
export function leaveCall(
  call: Call,
  member: Member,
  { calls, dispatcher }: { calls: CallTable; dispatcher: Pick<Dispatcher, 'cancel'> },
): void {
  call.remove(member);
  if (call.members.size > 0 || call.isSettled) return;
  call.isSettled = true;
  calls.remove(call);
  if (call.isPublished) dispatcher.cancel(call);
}
