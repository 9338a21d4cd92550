import { chooseModel } from './choose-model';
import { testModel, testPolicy } from './testing/test-policy';

const policy = testPolicy({
  version: '7-abc',
  defaultModel: 'gpt-4o-mini',
  models: [
    testModel({ name: 'gpt-4o-mini' }),
    testModel({ name: 'gpt-4o' }),
    testModel({ name: 'gpt-4.1-retired', isEnabled: false }),
    testModel({ name: 'o1', isBreakerOpen: true }),
  ],
});

function errorOf(modelAsked: string | undefined, inPolicy = policy) {
  const result = chooseModel(inPolicy, { modelAsked });
  if (result.ok) throw new Error(`chose ${result.value.model.name} where an error was expected`);
  return result.error;
}

describe('chooseModel', () => {
  it('takes the model that was asked for', () => {
    const result = chooseModel(policy, { modelAsked: 'gpt-4o' });
    expect(result).toEqual({
      ok: true,
      value: {
        model: policy.models.get('gpt-4o'),
        reason: 'requested',
        strategy: 'static',
        route: 'explicit',
        explanation: 'the request names it',
        tier: 'standard',
        candidates: [{ model: 'gpt-4o', provider: 'mock' }],
        fallbacks: [],
        isConfidenceChecked: false,
        cacheModel: 'gpt-4o',
        policyVersion: '7-abc',
      },
    });
  });

  it.each([undefined, '', 'auto'])('takes the default when %p was asked for', (modelAsked) => {
    const result = chooseModel(policy, { modelAsked });
    expect(result.ok && [result.value.model.name, result.value.reason]).toEqual(['gpt-4o-mini', 'default']);
  });

  it('says where to look and which names are near when the model is unknown', () => {
    const error = errorOf('gpt4o');
    expect(error.code).toBe('model_not_found');
    expect(error.field).toBe('model');
    expect(error.message).toContain('"gpt4o" is not known');
    expect(error.message).toContain('Did you mean "gpt-4o"');
    expect(error.message).toContain('GET /v1/models');
  });

  it('does not suggest a disabled model', () => {
    expect(errorOf('gpt-4.1-retire').message).not.toContain('gpt-4.1-retired');
  });

  it('refuses a disabled model by its name', () => {
    const error = errorOf('gpt-4.1-retired');
    expect(error.code).toBe('model_not_found');
    expect(error.message).toContain('"gpt-4.1-retired" is disabled');
  });

  it('still takes a model whose breaker is open, and the reason says so', () => {
    const asked = chooseModel(policy, { modelAsked: 'o1' });
    expect(asked.ok && asked.value.reason).toBe('requested:breaker-open');
    const byDefault = chooseModel({ ...policy, defaultModel: 'o1' }, {});
    expect(byDefault.ok && byDefault.value.reason).toBe('default:breaker-open');
  });

  it('asks for a model when the default is missing, unknown or disabled', () => {
    expect(errorOf('', { ...policy, defaultModel: '' }).message).toContain('there is no default model');
    expect(errorOf('', { ...policy, defaultModel: 'gone' }).message).toContain('"gone" is not served');
    expect(errorOf('', { ...policy, defaultModel: 'gpt-4.1-retired' }).message).toContain(
      'is disabled here; name a model',
    );
  });

  it('takes a dated version of a model that the policy has without a date, and asks the provider for that version', () => {
    const result = chooseModel(policy, { modelAsked: 'gpt-4o-2024-08-06' });
    expect(result.ok && result.value.model).toEqual({
      ...policy.models.get('gpt-4o'),
      name: 'gpt-4o-2024-08-06',
      upstreamModel: 'gpt-4o-2024-08-06',
    });
    expect(errorOf('gpt-4.1-retired-20250101').message).toContain('is disabled');
    expect(errorOf('unknown-2024-08-06').code).toBe('model_not_found');
  });

  it('does not make a dated version of a model that goes by another name at its provider', () => {
    const renamed = testPolicy({ models: [testModel({ name: 'house', upstreamModel: 'llama-3' })] });
    expect(errorOf('house-2024-08-06', renamed).code).toBe('model_not_found');
  });

  it('does not repeat a name of any length back to the caller', () => {
    expect(errorOf('x'.repeat(10_000)).message.length).toBeLessThan(400);
  });

  it('does not take a name of the prototype for a model', () => {
    expect(errorOf('constructor').code).toBe('model_not_found');
  });
});
