import fc from 'fast-check';
import { applyPolicyUpdate } from './apply-policy-update';
import { diffPolicies } from './diff-policies';
import { policyContentHash, policyVersion } from './policy-version';
import type { RoutingPolicy } from './routing-policy';
import { testModel, testPolicy } from './testing/test-policy';

const first = testPolicy({ version: '1-a', models: [testModel({ name: 'a' }), testModel({ name: 'b' })] });
const second = testPolicy({
  version: '2-b',
  models: [testModel({ name: 'a' }), testModel({ name: 'b', isEnabled: false }), testModel({ name: 'c' })],
});

const policies: fc.Arbitrary<RoutingPolicy> = fc
  .record({
    version: fc.stringMatching(/^[1-9]-[a-f]{2}$/),
    defaultModel: fc.constantFrom('', 'a', 'b'),
    models: fc.uniqueArray(
      fc
        .record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), isEnabled: fc.boolean(), contextTokens: fc.nat(3) })
        .map(testModel),
      { selector: (model) => model.name },
    ),
  })
  .map(testPolicy);

describe('applyPolicyUpdate', () => {
  it('a full policy replaces whatever was there', () => {
    const result = applyPolicyUpdate(first, diffPolicies(undefined, testPolicy({ version: '9', models: [] })));
    expect(result.ok && [result.value.version, result.value.models.size]).toEqual(['9', 0]);
  });

  it('a delta changes, adds and removes what it names and leaves the rest', () => {
    const delta = diffPolicies(first, second);
    expect(delta.upsertedModels.map((model) => model.name)).toEqual(['b', 'c']);
    expect(applyPolicyUpdate(first, delta)).toEqual({ ok: true, value: second });
    expect(first.models.get('b')?.isEnabled).toBe(true);
  });

  it('a delta on another base asks for a full policy', () => {
    const delta = diffPolicies(first, second);
    expect(applyPolicyUpdate({ ...first, version: '0-z' }, delta)).toEqual({
      ok: false,
      error: { kind: 'full-policy-needed', haveVersion: '0-z', baseVersion: '1-a' },
    });
    expect(applyPolicyUpdate(undefined, delta).ok).toBe(false);
  });

  it('applying the difference of two policies gives the second, whatever they are', () => {
    fc.assert(
      fc.property(policies, policies, (from, to) => {
        const result = applyPolicyUpdate(from, diffPolicies(from, to));
        expect(result.ok && sorted(result.value)).toEqual(sorted(to));
      }),
    );
  });
});

describe('policyContentHash', () => {
  it('is equal for equal content in another order and under another version', () => {
    const reversed = { ...second, version: 'x', models: new Map([...second.models].reverse()) };
    expect(policyContentHash(reversed)).toBe(policyContentHash(second));
  });

  it('changes with a model and with the default', () => {
    const hashes = [first, second, { ...first, defaultModel: 'b' }].map(policyContentHash);
    expect(new Set(hashes).size).toBe(3);
    expect(policyVersion(3, 'ab')).toBe('3-ab');
  });
});

const sorted = (policy: RoutingPolicy) => ({
  ...policy,
  models: [...policy.models].sort(([a], [b]) => (a < b ? -1 : 1)),
});
