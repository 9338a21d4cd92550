import fc from 'fast-check';
import { PlaceBook, type MeasuredPlaces } from './place-book';

const measure = (places: number, jobs: number, more: Partial<MeasuredPlaces> = {}): MeasuredPlaces => ({
  providers: [{ provider: 'p', places, jobs }],
  allPlaces: places,
  batchers: 1,
  ...more,
});
const roomOf = (book: PlaceBook, target = 'p/m'): number => {
  const { freePlaces, pool } = book.view()(target, target.slice(0, target.indexOf('/')));
  return Math.min(freePlaces, pool?.freePlaces ?? Infinity, pool?.parent?.freePlaces ?? Infinity);
};

describe('PlaceBook', () => {
  it('knows nobody at a provider that was not measured, or that no worker serves', () => {
    const book = new PlaceBook();
    expect(book.view()('p/m', 'p')).toEqual({ freePlaces: 0, places: 0, isAway: true });
    book.measured(measure(0, 3));
    expect(book.view()('p/m', 'p').isAway).toBe(true);
  });

  it('counts what was dispatched since the measure, until a move tells how long the stream is', () => {
    const book = new PlaceBook();
    book.measured(measure(10, 4));
    expect(roomOf(book)).toBe(6);
    for (let at = 0; at < 6; at++) book.dispatched('p', 'p/m', 'express');
    expect(roomOf(book)).toBe(0);
    book.moved('p', 6);
    book.noteJobs('p', 7);
    expect(roomOf(book)).toBe(3);
  });

  it('gives the targets of a provider one pool, and all providers what the workers have together', () => {
    const book = new PlaceBook();
    book.measured({
      providers: [
        { provider: 'p', places: 10, jobs: 2 },
        { provider: 'q', places: 10, jobs: 5 },
      ],
      allPlaces: 10,
      batchers: 1,
    });
    const view = book.view();
    const [a, b, other] = [view('p/a', 'p'), view('p/b', 'p'), view('q/a', 'q')];
    expect(a.pool).toBe(b.pool);
    expect([a.pool?.freePlaces, other.pool?.freePlaces]).toEqual([8, 5]);
    expect(a.pool?.parent).toBe(other.pool?.parent);
    expect(a.pool?.parent?.freePlaces).toBe(3);
  });

  it('does not let a crowded provider take places of workers that do not serve it', () => {
    const book = new PlaceBook();
    book.measured({
      providers: [
        { provider: 'p', places: 10, jobs: 500 },
        { provider: 'q', places: 10, jobs: 0 },
      ],
      allPlaces: 20,
      batchers: 1,
    });
    expect([roomOf(book), roomOf(book, 'q/m')]).toEqual([0, 10]);
  });

  it('keeps a model within an eighth more than its workers say it takes, and follows what they say is in flight', () => {
    const book = new PlaceBook();
    const limits = (limit: number, inFlight: number) => new Map([['p/m', { limit, inFlight }]]);
    const measured = (limit: number, inFlight: number): MeasuredPlaces =>
      measure(100, 10, { providers: [{ provider: 'p', places: 100, jobs: 10, limits: limits(limit, inFlight) }] });
    book.measured(measured(8, 5));
    expect([roomOf(book), roomOf(book, 'p/other')]).toEqual([4, 90]);
    for (let at = 0; at < 4; at++) book.dispatched('p', 'p/m', 'standard');
    expect(roomOf(book)).toBe(0);
    // The same word again is not news: what was dispatched since still counts.
    book.measured(measured(8, 5));
    expect(roomOf(book)).toBe(0);
    book.measured(measured(8, 4));
    expect(roomOf(book)).toBe(5);
  });

  it('lowers what it takes for in flight as the stream shrinks', () => {
    const book = new PlaceBook();
    book.measured(measure(100, 0));
    for (let at = 0; at < 30; at++) book.dispatched('p', 'p/m', at < 10 ? 'express' : 'batch');
    book.moved('p', 30);
    book.noteJobs('p', 30);
    expect([book.inFlight('express'), book.inFlight('standard'), book.inFlight('batch')]).toEqual([10, 0, 20]);
    book.noteJobs('p', 15);
    expect([book.inFlight('express'), book.inFlight('batch')]).toEqual([5, 10]);
    book.noteJobs('p', 0);
    expect([book.inFlight('express'), book.inFlight('batch')]).toEqual([0, 0]);
  });

  it('does not take the others’ places because they are slow to take them', () => {
    const book = new PlaceBook();
    book.measured(measure(10, 0, { batchers: 2 }));
    for (let at = 0; at < 5; at++) book.dispatched('p', 'p/m', 'express');
    book.moved('p', 5);
    book.noteJobs('p', 5);
    expect(roomOf(book)).toBe(0);
    book.measured(measure(10, 5, { batchers: 2 }));
    expect(roomOf(book)).toBe(3);
  });

  it('tells what is free for others to give, so that what is kept free is kept of all places', () => {
    const book = new PlaceBook();
    const others = (target = 'p/m') => book.view()(target, 'p').others;
    book.measured(measure(16, 6));
    expect(others()).toBeUndefined();
    book.measured(measure(16, 6, { batchers: 4 }));
    expect(others()).toEqual({ freePlaces: 7, allPlaces: 16 });
    const limits = new Map([['p/few', { limit: 8, inFlight: 5 }]]);
    book.measured(measure(16, 6, { batchers: 4, providers: [{ provider: 'p', places: 16, jobs: 6, limits }] }));
    expect([others(), others('p/few')]).toEqual([
      { freePlaces: 7, allPlaces: 16 },
      { freePlaces: 3, allPlaces: 9 },
    ]);
    book.measured(measure(16, 99, { batchers: 4 }));
    expect(others()?.freePlaces).toBe(0);
  });

  it('batchers together give away what is free, and at the most one place more for each of the others', () => {
    fc.assert(
      fc.property(fc.nat(600), fc.nat(600), fc.integer({ min: 1, max: 9 }), (places, jobs, batchers) => {
        const book = new PlaceBook();
        book.measured(measure(places, jobs, { batchers }));
        const free = Math.max(0, places - jobs);
        const together = roomOf(book) * batchers;
        expect(together).toBeGreaterThanOrEqual(places === 0 ? 0 : free);
        expect(together).toBeLessThan(free + batchers);
      }),
    );
  });
});
