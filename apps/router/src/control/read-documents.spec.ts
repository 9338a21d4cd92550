import { readExperiment, readTenantPolicy, type Flaw } from './read-documents';
import { experimentBody } from './testing/documents';

describe('a tenant’s rules', () => {
  const read = (body: Record<string, unknown>) => {
    const flaws: Flaw[] = [];
    return { policy: readTenantPolicy('acme', body, (flaw) => void flaws.push(flaw)), flaws };
  };

  it('are read as they were written', () => {
    const body = {
      dataPolicy: 'redact',
      allowSubstitution: true,
      storePrompts: true,
      promptRetentionDays: 30,
      holdoutShare: 0.05,
      staleAnswers: true,
      maxFalseHitRate: 0.01,
      strategy: 'balanced',
      costWeight: 0.5,
      models: ['gpt-4o'],
    };
    expect(read(body)).toEqual({ policy: { ...body, tenantId: 'acme' }, flaws: [] });
    expect(read({ tenantId: 'globex', ofALaterVersion: 1 })).toEqual({ policy: { tenantId: 'acme' }, flaws: [] });
  });

  it('still hold where one of them cannot be read', () => {
    const { policy, flaws } = read({ dataPolicy: 'redact', costWeight: 7, models: 'gpt-4o' });
    // Which models it may use is not known, so it may use none.
    expect(policy).toMatchObject({ tenantId: 'acme', dataPolicy: 'redact', models: [expect.any(String)] });
    expect(flaws.map(({ flaw }) => flaw)).toEqual(['costWeight cannot be read', 'models cannot be read']);
  });

  it('are the strictest where those that protect somebody cannot be read', () => {
    const unreadable = { dataPolicy: 'of a later version', storePrompts: 'perhaps', holdoutShare: 0.5 };
    expect(read(unreadable).policy).toEqual({
      tenantId: 'acme',
      dataPolicy: 'block',
      storePrompts: false,
      holdoutShare: 0,
    });
  });
});

describe('an experiment', () => {
  const read = (body: Record<string, unknown>) => {
    const flaws: Flaw[] = [];
    return { experiment: readExperiment('e1', body, (flaw) => void flaws.push(flaw)), flaws };
  };

  it('is read with its variants', () => {
    const body = { ...experimentBody, tenantId: 'acme', modelAsked: 'gpt-4o', createdAt: 'kept by the store alone' };
    expect(read(body)).toEqual({
      experiment: { ...experimentBody, tenantId: 'acme', modelAsked: 'gpt-4o', id: 'e1' },
      flaws: [],
    });
  });

  it.each([
    ['one variant', { variants: experimentBody.variants.slice(1) }],
    ['two of one name', { variants: [experimentBody.variants[0], experimentBody.variants[0]] }],
    ['a weight below zero', { variants: [{ name: 'a', weight: -1 }, experimentBody.variants[1]] }],
    ['a share above one', { share: 2 }],
    ['a tenant that is no name', { tenantId: 7 }],
  ])('is left out with %s', (_what, changes) => {
    const { experiment, flaws } = read({ ...experimentBody, ...changes });
    expect([experiment, flaws.length]).toEqual([undefined, 1]);
  });
});
