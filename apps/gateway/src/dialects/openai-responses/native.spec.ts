import fc from 'fast-check';
import type { ToldCosts } from '../openai-answers/answer-writer';
import { nativeBody } from './native-body';
import { NativeTail } from './native-tail';

const told: ToldCosts = {
  request_id: 'req_1',
  cost_usd: '0.1',
  baseline_usd: '0.2',
  saved_usd: '0.1',
  cache: 'miss',
  model_used: 'm',
};

describe('the body for a provider that speaks the dialect', () => {
  const bodyFor = (raw: string, upstreamModel = 'up') => {
    const { model, store } = JSON.parse(raw) as { model?: string; store?: boolean | null };
    return nativeBody(Buffer.from(raw), { model, store }, upstreamModel).toString();
  };

  it('is the client’s, byte for byte, where it says already what has to be said', () => {
    const raw = '{ "model":"up",  "store" : false, "temperature": 1.50, "a_field_of_tomorrow": 12345678901234567890 }';
    expect(bodyFor(raw)).toBe(raw);
  });

  it('has model and store in front where they are missing', () => {
    expect(bodyFor('{"input": 1.0}')).toBe('{"model":"up","store":false,"input": 1.0}');
    expect(bodyFor('{"model":"up","input": 1.0}')).toBe('{"store":false,"model":"up","input": 1.0}');
  });

  it.each(['{"store":true}', '{"store":null}', '{"model":"asked","store":true}', '{"model":"asked"}'])(
    'never lets the provider store the answer to %s',
    (raw) => {
      expect(JSON.parse(bodyFor(raw))).toEqual({ model: 'up', store: false });
    },
  );
});

describe('the tail of a provider’s response stream', () => {
  const event = (data: object) => `event: ${(data as { type: string }).type}\ndata: ${JSON.stringify(data)}\n\n`;
  const start = event({ type: 'response.created', sequence_number: 0, response: { status: 'in_progress' } });
  const trap = 'event: response.completed\ndata: {"type":"response.completed"';
  const delta = event({ type: 'response.output_text.delta', sequence_number: 1, delta: trap });
  const last = { type: 'response.completed', sequence_number: 2, response: { text: 'ä}"' } };

  function pass(bytes: Buffer, cuts: number[]) {
    const tail = new NativeTail();
    let passed = '';
    const places = [0, ...[...new Set(cuts)].sort((a, b) => a - b), bytes.length];
    for (let i = 1; i < places.length; i++) {
      passed += tail.push(bytes.subarray(places[i - 1], places[i])).toString('latin1');
    }
    return { tail, passed: Buffer.from(passed, 'latin1').toString('utf8') };
  }

  it('gives the costs with the last event and leaves all else as it is, however the bytes are cut', () => {
    const bytes = Buffer.from(start + delta + event(last));
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const { tail, passed } = pass(bytes, cuts);
        const whole = passed + tail.end(told);
        expect(whole.startsWith(start + delta)).toBe(true);
        const [name, data] = whole.slice((start + delta).length).split('\n');
        expect(name).toBe('event: response.completed');
        expect(JSON.parse((data ?? '').slice('data: '.length))).toEqual({ ...last, costlane: told });
        expect(whole.endsWith('\n\n')).toBe(true);
      }),
    );
  });

  it('holds nothing back but the last event', () => {
    const tail = new NativeTail();
    expect(tail.push(Buffer.from(start + delta)).toString()).toBe(start + delta);
    expect(tail.push(Buffer.from(event(last))).length).toBe(0);
  });

  it('finds the last event without a name, and keeps an end of another dialect', () => {
    const { tail, passed } = pass(Buffer.from(`${start}data: ${JSON.stringify(last)}\n\ndata: [DONE]\n\n`), []);
    expect(passed).toBe(start);
    expect(tail.end(told)).toBe(`data: ${JSON.stringify({ ...last, costlane: told })}\n\ndata: [DONE]\n\n`);
  });

  it('tells the costs in a comment where no last event is known', () => {
    const { tail, passed } = pass(Buffer.from(start), []);
    expect(passed + tail.end(told)).toBe(`${start}: costlane ${JSON.stringify(told)}\n\n`);
  });

  it('knows which number an event of ours has', () => {
    expect(new NativeTail().nextNumber).toBe(0);
    expect(pass(Buffer.from(start + delta), []).tail.nextNumber).toBe(2);
  });
});
