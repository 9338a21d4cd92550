import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { waitFor } from '@costlane/testing';
import type { BatchItem } from './provider-batches';
import { createBatchServers } from './testing/batch-server';

const MEBIBYTE = 1024 * 1024;
/** What the kernel and the streams of both ends may hold of what nobody has taken. */
const MAX_AHEAD_BYTES = 16 * MEBIBYTE;
const MAX_GROWTH_BYTES = 24 * MEBIBYTE;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function retainedBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const { batchesFor, close } = createBatchServers();
afterEach(close);

describe('100,000 results of 1 KB', () => {
  const count = 100_000;
  const linesAtOnce = 100;
  const text = 'x'.repeat(700);
  const usage = { input_tokens: 10, output_tokens: 20, service_tier: 'batch' };
  const content = [{ type: 'text', text }];
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content,
    stop_reason: 'end_turn',
    usage,
  };
  const tail = `","result":${JSON.stringify({ type: 'succeeded', message })}}\n`;

  it('are read no faster than they are taken, and none of them is kept', async () => {
    let sentBytes = 0;
    const sendAll = async (response: ServerResponse): Promise<void> => {
      for (let index = 0; index < count && !response.destroyed; index += linesAtOnce) {
        const lines = Array.from(
          { length: linesAtOnce },
          (_, more) => `{"custom_id":"item-${index + more}${tail}`,
        ).join('');
        sentBytes += lines.length;
        if (!response.write(lines)) await once(response, 'drain');
      }
      response.end();
    };
    const batches = await batchesFor('anthropic', (_request, response) => void sendAll(response));
    const before = retainedBytes();
    let taken = 0;
    let takenBytes = 0;
    let most = 0;
    for await (const { customId, outcome } of batches.results('msgbatch_1', { dialect: 'anthropic.messages' })) {
      if (!outcome.ok) throw outcome.error;
      taken++;
      takenBytes += customId.length + tail.length;
      if (taken === 10) {
        // Nothing is taken for a while: the server comes to a stop.
        let last = -1;
        await waitFor(() => last === (last = sentBytes), { timeoutMs: 5_000, intervalMs: 100 });
      }
      if (taken === 10 || taken % 20_000 === 0) {
        expect(sentBytes - takenBytes).toBeLessThan(MAX_AHEAD_BYTES);
        most = Math.max(most, retainedBytes());
      }
    }
    expect(taken).toBe(count);
    expect(sentBytes).toBeGreaterThan(5 * MAX_AHEAD_BYTES);
    expect(most - before).toBeLessThan(MAX_GROWTH_BYTES);
  }, 60_000);
});

describe('a batch of 80 MB', () => {
  const count = 40_000;
  const body = Buffer.from(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x'.repeat(2_000) }] }));

  it('is made while it is sent: items are asked for no faster than the provider takes them', async () => {
    let receivedBytes = 0;
    let receivedLines = 0;
    let askedItems = 0;
    let askedWhileWaiting = -1;
    const batches = await batchesFor('openai-compatible', (request, response) => {
      if (request.url === '/batches') {
        request.resume();
        response.end(JSON.stringify({ id: 'batch_1', status: 'validating' }));
        return;
      }
      const receive = async (): Promise<void> => {
        // Nothing is read at first: who makes the items comes to a stop.
        let last = -1;
        await waitFor(() => last === (last = askedItems) && last > 0, { timeoutMs: 5_000, intervalMs: 100 });
        askedWhileWaiting = askedItems;
        for await (const chunk of request) {
          const bytes = chunk as Buffer;
          receivedBytes += bytes.length;
          for (let at = bytes.indexOf('"custom_id"'); at >= 0; at = bytes.indexOf('"custom_id"', at + 1))
            receivedLines++;
        }
        response.end('{"id":"file-1"}');
      };
      void receive();
    });
    function* items(): Generator<BatchItem> {
      for (; askedItems < count; askedItems++) yield { customId: `item-${askedItems}`, dialect: 'openai.chat', body };
    }
    const before = retainedBytes();
    const outcome = await batches.submit(items(), { batchKey: 'large' });
    expect(outcome).toEqual({ ok: true, providerBatchId: 'batch_1', wasFound: false });
    expect(askedWhileWaiting * body.length).toBeLessThan(MAX_AHEAD_BYTES);
    expect(receivedBytes).toBeGreaterThan(count * body.length);
    // A name that was cut between two chunks is not seen.
    expect(receivedLines).toBeGreaterThan(count * 0.95);
    expect(retainedBytes() - before).toBeLessThan(MAX_GROWTH_BYTES);
  }, 60_000);
});
