import { decodeReply, parseReplyField, type ReplyPart } from '@costlane/contracts';
import type { ReplyItem } from '@costlane/lanes';
import fc from 'fast-check';
import { recordingListener, sampleDecision, sampleRequest } from '../../testing/sample-request';
import { end, header } from '../../testing/scripted-inference';
import { Call } from '../call';
import { RelayListener } from './relay-listener';

function relaying() {
  const sent: ReplyItem[] = [];
  let over = 0;
  const target = { from: 'g2', requestId: 'req_2', relay: '~0' };
  const listener = new RelayListener(
    target,
    (item) => sent.push(item),
    () => over++,
  );
  const kinds = (): string[] => sent.map(({ field }) => field.slice(0, 1));
  return { listener, sent, kinds, over: () => over };
}
const partOf = ({ field, value }: ReplyItem): ReplyPart => {
  const name = parseReplyField(field);
  if (!name) throw new Error(`${field} is not the name of a part`);
  return { ...name, value };
};

describe('a relay', () => {
  it('passes a whole answer on as one part under the follower’s request', () => {
    const { listener, sent, over } = relaying();
    listener.whole({ ...end(), form: 'json', body: Buffer.from('{"id":1}') });
    expect(sent.map(({ replyTo, requestId, field }) => [replyTo, requestId, field])).toEqual([
      ['g2', 'req_2', 'r~0.0:req_2'],
    ]);
    const { header: told, body } = decodeReply((sent[0] as ReplyItem).value);
    expect([told, body.toString()]).toEqual([header(), '{"id":1}']);
    expect(over()).toBe(1);
  });

  it('sends what a stream brings in one tick as one part', async () => {
    const { listener, sent, kinds } = relaying();
    listener.head(header());
    for (const text of ['a', 'b', 'c']) listener.chunk(Buffer.from(text));
    expect(kinds()).toEqual(['h']);
    await new Promise(setImmediate);
    expect(kinds()).toEqual(['h', 'c']);
    expect(sent[1]?.value.toString()).toBe('abc');
    listener.chunk(Buffer.from('d'));
    listener.end(end());
    expect(kinds()).toEqual(['h', 'c', 'c', 'e']);
    await new Promise(setImmediate);
    expect(sent).toHaveLength(4);
  });

  it('says nothing more once it is closed', async () => {
    const { listener, kinds } = relaying();
    listener.head(header());
    listener.chunk(Buffer.from('a'));
    listener.close();
    await new Promise(setImmediate);
    listener.end(end());
    expect(kinds()).toEqual(['h']);
  });

  it('gives the follower the same bytes and end, however the stream is cut and whenever it is joined', async () => {
    const pieces = fc.array(fc.record({ text: fc.string({ minLength: 1 }), isTick: fc.boolean() }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.nat(20), fc.boolean(), async (stream, joinAt, isBroken) => {
        const leading = new Call(sampleRequest(), sampleDecision, () => undefined);
        const following = new Call(sampleRequest({ requestId: 'req_2' }), sampleDecision, () => undefined);
        following.isFollowing = true;
        const { listener, heard, ends } = recordingListener();
        following.add({ request: following.leader, listener });
        const { listener: relay, sent } = relaying();
        const join = (): void => leading.add({ request: sampleRequest(), listener: relay, isRemote: true });
        const errorCode = isBroken ? 'stream_interrupted' : undefined;
        const parts = [header(), ...stream, header({ errorCode })];
        for (const [seq, part] of parts.entries()) {
          if (seq === Math.min(joinAt, parts.length - 1)) join();
          const kind = seq === 0 ? 'h' : 'text' in part ? 'c' : 'e';
          const value = Buffer.from('text' in part ? part.text : `${JSON.stringify(part)}\n`);
          leading.take({ kind, seq, attempt: 'a1', requestId: 'req_1', value });
          if ('isTick' in part && part.isTick) await new Promise(setImmediate);
        }
        for (const item of sent) following.take(partOf(item));
        const text = stream.map((piece) => piece.text).join('');
        expect(heard.slice(1, -1).join('')).toBe(text);
        expect([heard[0], heard.at(-1)]).toEqual(['head', `end ${errorCode ?? 'ok'}`]);
        expect(ends[0]).toMatchObject({ tier: 'coalesced', paidNanoUsd: 0, savedNanoUsd: header().baselineNanoUsd });
      }),
      { numRuns: 60 },
    );
  });
});
