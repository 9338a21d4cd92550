import { createPolicy, defaultRoutingSettings, type DataPolicy } from '@costlane/domain';
import { createDataGuard, type BodyInspector } from './data-guard';

const large = Buffer.from(JSON.stringify({ messages: [{ role: 'user', content: '4111 1111 '.repeat(120_000) }] }));

function subject(dataPolicy: DataPolicy) {
  let looks = 0;
  const inspector: BodyInspector = {
    inspect: () => {
      looks += 1;
      return { kinds: [] };
    },
    redact: () => {
      throw new Error('nothing is redacted here');
    },
  };
  const policy = createPolicy({ settings: { ...defaultRoutingSettings, dataPolicy } });
  const guard = createDataGuard({ policy: () => policy });
  return { check: (raw: Buffer) => guard.check('t', `hash-${raw.length}`, raw, inspector), looks: () => looks };
}

describe('a very large request', () => {
  it('that goes out in any case is not looked through, and told apart from one that holds nothing', () => {
    const { check, looks } = subject('allow');
    expect(check(large)).toEqual({ kinds: [], action: 'allow' });
    expect(looks()).toBe(0);
    expect(check(Buffer.from('{"messages":[]}'))).toBeUndefined();
    expect(looks()).toBe(1);
  });

  it('is looked through where something would be done about what it holds', () => {
    const { check, looks } = subject('block');
    expect(check(large)).toBeUndefined();
    expect(looks()).toBe(1);
  });

  it('may name nothing that is kept at the provider either', () => {
    const padding = 'x'.repeat(1_100_000);
    const raw = Buffer.from(JSON.stringify({ messages: [{ role: 'user', content: padding }], container: 'cntr_1' }));
    expect(() => subject('allow').check(raw)).toThrow('container');
  });
});
