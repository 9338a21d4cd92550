import { Cancellation, cancellableDelay, type CancelSignal } from './cancellation';

const kinds: [string, () => { signal: CancelSignal; abort: () => void }][] = [
  [
    'a Cancellation',
    () => {
      const signal = new Cancellation();
      return { signal, abort: () => signal.abort() };
    },
  ],
  [
    'an AbortController',
    () => {
      const controller = new AbortController();
      return { signal: controller.signal, abort: () => controller.abort() };
    },
  ],
];

describe.each(kinds)('%s', (_name, create) => {
  it('tells those who listen, once, and not those who have left', () => {
    const { signal, abort } = create();
    const calls: string[] = [];
    const listener = (name: string) => ({ handleEvent: () => void calls.push(name) });
    const gone = listener('gone');
    signal.addEventListener('abort', listener('stays'));
    signal.addEventListener('abort', () => void calls.push('function'));
    signal.addEventListener('abort', gone);
    signal.removeEventListener('abort', gone);
    abort();
    abort();
    expect(signal.aborted).toBe(true);
    expect(calls).toEqual(['stays', 'function']);
  });

  it('ends a delay early', async () => {
    const { signal, abort } = create();
    const waited = cancellableDelay(60_000, signal);
    abort();
    await waited;
    await cancellableDelay(60_000, signal);
  });
});
