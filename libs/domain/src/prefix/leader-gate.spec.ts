import fc from 'fast-check';
import { LeaderGate, type GatePass } from './leader-gate';
import { chainOf } from './testing/chains';

const FAR = 1_000_000;
const doc = (question: string, tokens = 3_000) => chainOf([`doc:${tokens}`, `${question}:20`]);

function gateWith(options = {}) {
  const gate = new LeaderGate(options);
  const released: string[] = [];
  const enter = (name: string, chain = doc(name), nowMs = 0, known = 0): GatePass => {
    const pass = gate.enter(chain, known, nowMs, nowMs + FAR);
    pass.onRelease = () => released.push(`${name}:${pass.role}`);
    return pass;
  };
  return { gate, released, enter };
}

describe('LeaderGate', () => {
  it('lets the first request of a cold prefix go alone and the others when its answer begins', () => {
    const { gate, released, enter } = gateWith();
    const leader = enter('a');
    expect([leader.role, enter('b').role, enter('c').role]).toEqual(['leader', 'follower', 'follower']);
    expect(released).toEqual([]);
    gate.answered(leader);
    expect(released).toEqual(['b:free', 'c:free']);
    gate.ended(leader, 5);
    expect([gate.waiting, gate.ledBlocks]).toEqual([0, 0]);
  });

  it('does not hold up a prefix that is cached already, another prefix, or one too short to be cached', () => {
    const { enter } = gateWith();
    expect(enter('a').role).toBe('leader');
    expect(enter('other', chainOf(['other:3000'])).role).toBe('leader');
    expect(enter('short', chainOf(['doc:900'])).role).toBe('free');
    const { enter: enterWarm } = gateWith();
    const chain = doc('a');
    const known = chain.hashes.length - 1;
    expect([enterWarm('a', chain, 0, known).role, enterWarm('b', doc('b'), 0, known).role]).toEqual(['free', 'free']);
  });

  it('makes nobody wait for less than 1,024 tokens more than are cached', () => {
    const { enter } = gateWith();
    const known = chainOf(['sys:3000']).hashes.length;
    expect(enter('a', chainOf(['sys:3000', 'x:1500']), 0, known).role).toBe('leader');
    expect(enter('b', chainOf(['sys:3000', 'x:1500', 'q:10']), 0, known).role).toBe('follower');
    // Shares 512 tokens of the cold part only: those are below what providers cache.
    expect(enter('c', chainOf(['sys:3000', 'x:512', 'q:10']), 0, known).role).toBe('free');
  });

  it('hands over to the follower that came first when the leader fails', () => {
    const { gate, released, enter } = gateWith();
    const leader = enter('a');
    const b = enter('b');
    const c = enter('c');
    gate.ended(leader, 10);
    expect([released, b.role, c.role]).toEqual([['b:leader'], 'leader', 'follower']);
    gate.answered(b);
    expect(released).toEqual(['b:leader', 'c:free']);
  });

  it('lets a follower lead though its prefix counts as known since the failed leader asked for it', () => {
    const { gate, released, enter } = gateWith();
    const leader = enter('a');
    const known = doc('b').hashes.length - 1;
    enter('b', doc('b'), 0, known);
    enter('c', doc('c'), 0, known);
    gate.ended(leader, 10);
    expect([released, gate.waiting]).toEqual([['b:leader'], 1]);
  });

  it('lets a follower go that has waited long enough, and goes on with the others', () => {
    const { gate, released, enter } = gateWith();
    const leader = enter('a');
    const b = enter('b', doc('b'), 100);
    enter('c', doc('c'), 200);
    expect(b.untilMs).toBe(2_100);
    gate.expired(b);
    expect(released).toEqual(['b:free']);
    gate.answered(leader);
    expect(released).toEqual(['b:free', 'c:free']);
  });

  it('waits a tenth of the time to the deadline at most, and not at all when that is over', () => {
    const { gate } = gateWith();
    gate.enter(doc('a'), 0, 0, FAR);
    expect(gate.enter(doc('b'), 0, 1_000, 6_000).untilMs).toBe(1_500);
    expect(gate.enter(doc('c'), 0, 1_000, 1_000).role).toBe('free');
  });

  it('frees those whose time is over when the leader fails, and keeps the bound of the others', () => {
    const { gate, released, enter } = gateWith();
    const leader = enter('a');
    enter('b', doc('b'), 0);
    const c = enter('c', doc('c'), 1_500);
    gate.ended(leader, 2_000);
    expect(released).toEqual(['b:leader']);
    expect([c.role, c.untilMs]).toEqual(['follower', 3_500]);
  });

  it('keeps to its bounds', () => {
    const { enter } = gateWith({ maxFollowers: 1, maxLedBlocks: 10 });
    expect([enter('a').role, enter('b').role, enter('c').role]).toEqual(['leader', 'follower', 'free']);
    expect(enter('x', chainOf(['x:9000'])).role).toBe('free');
  });

  it('never leaves anyone waiting, whatever happens in whatever order', () => {
    const event = fc.record({
      kind: fc.constantFrom('enter', 'enter', 'answered', 'ended', 'expired'),
      who: fc.nat(30),
      doc: fc.nat(3),
      extra: fc.nat(2_000),
      afterMs: fc.nat(800),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), (events) => {
        const gate = new LeaderGate({ maxLedBlocks: 60, maxFollowers: 5 });
        const passes: GatePass[] = [];
        const releases = new Map<GatePass, number>();
        let nowMs = 0;
        for (const { kind, who, doc, extra, afterMs } of events) {
          nowMs += afterMs;
          const pass = passes[who % Math.max(1, passes.length)];
          if (kind === 'enter') {
            const entered = gate.enter(chainOf([`d${doc}:2000`, `e${extra}:${extra + 1}`]), 0, nowMs, nowMs + FAR);
            if (entered.role === 'follower') {
              releases.set(entered, 0);
              entered.onRelease = () => releases.set(entered, (releases.get(entered) ?? 0) + 1);
            }
            passes.push(entered);
          } else if (pass && kind === 'answered') gate.answered(pass);
          else if (pass && kind === 'ended') gate.ended(pass, nowMs);
          else if (pass && pass.untilMs <= nowMs) gate.expired(pass);
          const followers = passes.filter(({ role }) => role === 'follower');
          expect(gate.waiting).toBe(followers.length);
          // Where nobody leads, nobody waits.
          if (!passes.some(({ role }) => role === 'leader')) expect(followers).toEqual([]);
          for (const [each, times] of releases) expect(times).toBe(each.role === 'follower' ? 0 : 1);
        }
        for (const pass of passes) gate.ended(pass, nowMs);
        expect([gate.waiting, gate.ledBlocks]).toEqual([0, 0]);
      }),
      { numRuns: 200 },
    );
  });
});
