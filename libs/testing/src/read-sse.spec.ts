import { readSse, type SseEvent } from './read-sse';

describe('readSse', () => {
  const read = async (pieces: (string | Uint8Array)[]): Promise<SseEvent[]> => {
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of pieces) controller.enqueue(typeof piece === 'string' ? encoder.encode(piece) : piece);
        controller.close();
      },
    });
    const events: SseEvent[] = [];
    for await (const event of readSse(new Response(body))) events.push(event);
    return events;
  };

  it('reads data, event and id, joins data lines and skips comments', async () => {
    const text = ': ping\n\nevent: delta\nid: 7\ndata: one\ndata:two\n\ndata: {"a": 1}\n\n';
    expect(await read([text])).toEqual([{ event: 'delta', id: '7', data: 'one\ntwo' }, { data: '{"a": 1}' }]);
  });

  it('reads any line ending, wherever the pieces break', async () => {
    const text = 'data: a\r\n\r\ndata: b\r\rdata: c\n\n';
    for (let at = 1; at < text.length; at += 1) {
      expect(await read([text.slice(0, at), text.slice(at)])).toEqual([{ data: 'a' }, { data: 'b' }, { data: 'c' }]);
    }
  });

  it('puts characters together that arrive in two pieces', async () => {
    const bytes = new TextEncoder().encode('data: ü\n\n');
    expect(await read([bytes.slice(0, 7), bytes.slice(7)])).toEqual([{ data: 'ü' }]);
  });

  it('drops an event that is not complete', async () => {
    expect(await read(['data: a\n\ndata: b'])).toEqual([{ data: 'a' }]);
  });
});
