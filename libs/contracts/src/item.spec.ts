import fc from 'fast-check';
import type { RouteDecision } from '@costlane/domain';
import {
  decodeItemPlan,
  decodeItemReply,
  decodeItemRequest,
  decodeItemTask,
  encodeItemPlan,
  encodeItemReply,
  encodeItemRequest,
  encodeItemTask,
  type ItemPlan,
  type ItemRequest,
  type ItemTask,
} from './item';
import type { JobHeader } from './job';

const item = (body: Buffer): ItemRequest => ({
  v: 1,
  endpoint: '/v1/inference',
  caller: { tenantId: 't', role: 'member' },
  headers: { 'x-costlane-feature': 'näme' },
  body,
});
const plan = (body: Buffer): ItemPlan => ({
  header: { requestId: 'r' } as JobHeader,
  decision: { reason: 'asked' } as RouteDecision,
  body,
});
const task: Omit<ItemTask, 'item'> = {
  v: 1,
  taskId: 't1',
  replyTo: 'w1',
  mode: 'execute',
  requestId: 'r',
  deadlineAtMs: 5,
};
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));

describe('items on the wire', () => {
  it('come back as they were, whatever bytes their bodies are', () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, (body, planned, reply) => {
        expect(decodeItemRequest(encodeItemRequest(item(body)))).toEqual(item(body));
        expect(decodeItemPlan(encodeItemPlan(plan(planned)))).toEqual(plan(planned));
        const executed: ItemTask = { ...task, item: item(body) };
        expect(decodeItemTask(encodeItemTask(executed))).toEqual(executed);
        const rendered: ItemTask = {
          ...task,
          mode: 'render',
          item: item(body),
          rendering: { plan: plan(planned), reply },
        };
        expect(decodeItemTask(encodeItemTask(rendered))).toEqual(rendered);
        const answer = {
          kind: 'answered',
          status: 200,
          contentType: 'application/json',
          isRetryable: false,
          paidNanoUsd: 7,
          body,
        } as const;
        expect(decodeItemReply(encodeItemReply(answer))).toEqual(answer);
        const planning = { kind: 'planned', ...plan(planned) } as const;
        expect(decodeItemReply(encodeItemReply(planning))).toEqual(planning);
      }),
      { numRuns: 50 },
    );
  });

  it('are refused when they are cut short, or of a later version', () => {
    const whole = encodeItemRequest(item(Buffer.from('{"prompt":"x"}')));
    expect(() => decodeItemRequest(whole.subarray(0, -1))).toThrow('cut short');
    expect(() => decodeItemRequest(Buffer.from('no line'))).toThrow('no header line');
    expect(() => decodeItemRequest(encodeItemRequest({ ...item(Buffer.alloc(0)), v: 2 as 1 }))).toThrow('version 2');
    expect(() =>
      decodeItemTask(encodeItemTask({ ...task, v: 2 as 1, item: item(Buffer.alloc(0)) } as ItemTask)),
    ).toThrow('version 2');
  });
});
