import type { ModelPath } from '../answer-call';
import type { JsonObject } from '../chat-request';
import type { MockState } from '../mock-state';
import { answerItem } from './answer-item';
import type { BatchBehaviour } from './batch-behaviour';

export interface MockItem {
  customId: string;
  path: ModelPath;
  body: JsonObject;
}

/** What became of an item. */
export type ItemEnd =
  | { customId: string; kind: 'answered'; status: number; body: string }
  | { customId: string; kind: 'expired' | 'cancelled' };

export interface MockBatch {
  id: string;
  provider: 'openai' | 'anthropic';
  createdAtMs: number;
  items: MockItem[];
  /** Of OpenAI's. */
  endpoint: string;
  inputFileId: string;
  metadata: unknown;
  behaviour: BatchBehaviour;
  /** Why it was turned down as a whole. */
  error?: { code: string; message: string; line: number | null };
  cancelledAtMs?: number;
  /** Has told once that it is being cancelled. */
  hasToldCancelling: boolean;
  end?: { atMs: number; as: 'completed' | 'expired' | 'failed' | 'cancelled'; results: ItemEnd[] };
}

const dayMs = 86_400_000;

export const expiresAtMs = ({ createdAtMs }: MockBatch): number => createdAtMs + dayMs;

/** Ends a batch whose time has come. There are no timers: a batch that nobody asks for goes nowhere. */
export function settle(batch: MockBatch, state: MockState, nowMs: number): void {
  if (batch.end) return;
  const { behaviour, cancelledAtMs } = batch;
  if (batch.error) {
    batch.end = { atMs: nowMs, as: 'failed', results: [] };
    return;
  }
  if (cancelledAtMs !== undefined) {
    if (batch.hasToldCancelling)
      batch.end = { atMs: nowMs, as: 'cancelled', results: endItems(batch, state, 'cancelled') };
    return;
  }
  const endsAtMs = batch.createdAtMs + (behaviour.delayMs ?? 0);
  if (nowMs < endsAtMs) return;
  const as = behaviour.endsAs ?? 'completed';
  if (as === 'failed')
    batch.error = { code: behaviour.failCode ?? 'invalid_json_line', message: 'Simulated.', line: 1 };
  const results = as === 'failed' ? [] : endItems(batch, state, as === 'expired' ? 'expired' : undefined);
  batch.end = { atMs: endsAtMs, as, results };
}

function endItems(
  { items, behaviour }: MockBatch,
  state: MockState,
  rest: 'expired' | 'cancelled' | undefined,
): ItemEnd[] {
  const answered = rest === undefined ? items.length : (behaviour.answered ?? 0);
  const results = items.map((item, index): ItemEnd => {
    const { customId } = item;
    if (rest !== undefined && index >= answered) return { customId, kind: rest };
    return { customId, kind: 'answered', ...answerItem(item, state) };
  });
  if (!behaviour.isInOrder) results.reverse();
  const [first] = results;
  return behaviour.isRepeating && first ? [...results, first] : results;
}

export const isGood = (result: ItemEnd): boolean => result.kind === 'answered' && result.status < 400;
