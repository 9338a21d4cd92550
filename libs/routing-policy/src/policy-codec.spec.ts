import { PolicyUpdate } from '@costlane/contracts';
import { defaultRoutingSettings, type ModelPrice, type PolicyModel, type RoutingPolicyUpdate } from '@costlane/domain';
import { decodePolicyUpdate, encodePolicyUpdate } from './policy-codec';

const price: ModelPrice = {
  provider: 'openai',
  model: 'gpt-4o',
  serviceTier: 'standard',
  validFrom: null,
  validTo: null,
  priceVersion: 'list-1',
  perMillion: { freshInput: '2.5', output: '10', cacheRead: '1.25' },
};

const model: PolicyModel = {
  name: 'gpt-4o',
  provider: 'openai',
  upstreamModel: 'gpt-4o-2024-08-06',
  isEnabled: true,
  price,
  tier: 'standard',
  isBreakerOpen: false,
  contextTokens: 128_000,
  maxOutputTokens: 16_384,
  quality: 0.7,
  speed: { firstTokenMs: 300, tokensPerSecond: 80 },
};

const { price: _price, ...unpriced } = model;
const update: RoutingPolicyUpdate = {
  version: '2-b',
  baseVersion: '1-a',
  defaultModel: 'gpt-4o',
  upsertedModels: [model, { ...unpriced, name: 'local', kind: 'embedding', isEnabled: false, isBreakerOpen: true }],
  removedModels: ['gone'],
  settings: { ...defaultRoutingSettings, strategy: 'balanced' },
  upsertedTenants: [{ tenantId: 'acme', dataPolicy: 'redact', models: ['local'] }],
  removedTenants: ['old'],
  upsertedExperiments: [{ id: 'e', share: 0.5, variants: [{ name: 'a', weight: 1, model: 'local' }] }],
  removedExperiments: ['over'],
};

describe('policy codec', () => {
  it('gives back over the wire what was put in', () => {
    const wire = PolicyUpdate.decode(PolicyUpdate.encode(encodePolicyUpdate(update)).finish());
    expect(decodePolicyUpdate(wire)).toEqual({ update, unreadablePrices: [] });
  });

  it.each(['{', 'null', '[]', '{"perMillion":{}}', '{"perMillion":{"freshInput":1}}'])(
    'a model whose price is %s is kept without a price and named',
    (priceJson) => {
      const wire = encodePolicyUpdate(update);
      const broken = { ...wire, upsertedModels: wire.upsertedModels.map((entry) => ({ ...entry, priceJson })) };
      const decoded = decodePolicyUpdate(broken);
      expect(decoded.unreadablePrices).toEqual(['gpt-4o', 'local']);
      expect(decoded.update.upsertedModels.map((entry) => entry.price)).toEqual([undefined, undefined]);
    },
  );

  it('a tier that this build does not know is replaced by the one of the price', () => {
    const wire = encodePolicyUpdate(update);
    const later = { ...wire, upsertedModels: wire.upsertedModels.map((entry) => ({ ...entry, tier: 'frontier' })) };
    expect(decodePolicyUpdate(later).update.upsertedModels.map(({ tier }) => tier)).toEqual(['standard', 'standard']);
  });
});
