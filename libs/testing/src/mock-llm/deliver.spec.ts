import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { deliver } from './deliver';
import { Exchange } from './exchange';
import { MockState } from './mock-state';

/** A response whose reader has stopped: every write reports a full buffer until `drain` is emitted. */
class SlowResponse extends EventEmitter {
  readonly written: string[] = [];
  isEnded = false;

  writeHead(): void {}

  write(piece: string): boolean {
    this.written.push(piece);
    return false;
  }

  end(piece: string): void {
    this.written.push(piece);
    this.isEnded = true;
  }
}

describe('deliver', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('does not write ahead of a client that reads slowly', () => {
    const response = new SlowResponse();
    const request = { headers: {} } as unknown as IncomingMessage;
    const exchange = new Exchange(response as unknown as ServerResponse, request, new MockState(), '/', 1);
    const events = { lead: [], content: ['a', 'b', 'c'], tail: ['end'] };
    deliver(exchange, { kind: 'events', events }, { chunkIntervalMs: 1 }, undefined);
    jest.advanceTimersByTime(60_000);
    expect(response.written).toEqual(['a']);
    response.emit('drain');
    jest.advanceTimersByTime(60_000);
    expect(response.written).toEqual(['a', 'b']);
    response.emit('drain');
    jest.advanceTimersByTime(1);
    expect(response.written).toEqual(['a', 'b', 'cend']);
    expect(response.isEnded).toBe(true);
  });
});
