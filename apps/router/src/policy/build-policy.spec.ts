import { testPrice, testServed } from '../testing/test-models';
import { buildPolicy, switchName } from './build-policy';

const none = new Map<string, boolean>();

describe('buildPolicy', () => {
  it('enables every model that has no switch', () => {
    const served = testServed({ name: 'gpt-4o-mini' }, { name: 'gpt-4.1' });
    const { content, warnings } = buildPolicy({ served, modelSwitches: new Map([['GPT_4_1', false]]) });
    expect([...content.models.values()].map(({ name, isEnabled }) => [name, isEnabled])).toEqual([
      ['gpt-4.1', false],
      ['gpt-4o-mini', true],
    ]);
    expect(warnings).toEqual([]);
  });

  it('takes the default that is asked for, and warns when it cannot serve', () => {
    const served = testServed({ name: 'gpt-4o-mini' }, { name: 'o1' });
    const build = (defaultModel: string, switches = none) =>
      buildPolicy({ served, modelSwitches: switches, defaultModel });
    expect(build('o1')).toMatchObject({ content: { defaultModel: 'o1' }, warnings: [] });
    expect(build('gone').warnings).toEqual([
      'DEFAULT_MODEL gone is not served: requests that name no model are refused.',
    ]);
    expect(build('o1', new Map([['O1', false]])).warnings).toEqual(['The default model o1 is disabled.']);
  });

  it('without one falls to gpt-4o-mini, else to the cheapest model with a known price', () => {
    const models = [
      { name: 'a-unpriced' },
      { name: 'dear', price: testPrice('dear', '9') },
      { name: 'cheap', price: testPrice('cheap', '0.5') },
    ];
    const defaultOf = (...served: Parameters<typeof testServed>) =>
      buildPolicy({ served: testServed(...served), modelSwitches: none }).content.defaultModel;
    expect(defaultOf({ name: 'gpt-4o-mini' }, ...models)).toBe('gpt-4o-mini');
    expect(defaultOf(...models)).toBe('cheap');
    expect(defaultOf({ name: 'b' }, { name: 'a' })).toBe('a');
    const embedding = { name: 'embeds', kind: 'embedding', price: testPrice('embeds', '0.02') } as const;
    expect(defaultOf(embedding, ...models)).toBe('cheap');
    expect(defaultOf(embedding)).toBe('');
  });

  it('warns when nothing is served and when a switch names nothing', () => {
    const { content, warnings } = buildPolicy({ served: testServed(), modelSwitches: new Map([['GTP_4O', true]]) });
    expect(content.defaultModel).toBe('');
    expect(warnings).toEqual([
      'MODELS_GTP_4O_ENABLED names no model that is served.',
      'No model is served, so there is no default model.',
    ]);
  });

  it('writes names of models as variables', () => {
    expect(switchName('meta-llama/Llama-3.3-70B')).toBe('META_LLAMA_LLAMA_3_3_70B');
  });
});
