import type { WorkerProvider } from '../../providers.config';
import { batchAccountsOf } from './batch-accounts';

const settings = { names: undefined, pollMs: 15_000, mockPollMs: 500 };
const openai: WorkerProvider = {
  name: 'openai',
  kind: 'openai-compatible',
  baseUrl: 'https://api.openai.com/v1',
  apiKey: 'k',
};
const anthropic: WorkerProvider = {
  name: 'anthropic',
  kind: 'anthropic',
  baseUrl: 'https://api.anthropic.com',
  apiKey: 'k',
};
const mock: WorkerProvider = { name: 'mock', kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:8090/v1' };
const google: WorkerProvider = { name: 'google', kind: 'google', baseUrl: 'https://generativelanguage.googleapis.com' };

describe('accounts with Batch APIs', () => {
  const namesOf = (...[providers, names]: [WorkerProvider[], string[]?]): string[] => [
    ...batchAccountsOf(providers, { ...settings, names }).keys(),
  ];

  it('are by default those of OpenAI and Anthropic at their usual addresses, and the mock', () => {
    expect(namesOf([openai, anthropic, google, mock])).toEqual(['openai', 'anthropic', 'mock']);
    const elsewhere = { ...openai, baseUrl: 'http://127.0.0.1:1/v1' };
    expect(namesOf([elsewhere, { ...anthropic, apiKey: undefined }])).toEqual([]);
  });

  it('are those that settings name, as far as they have one that is spoken', () => {
    const elsewhere = { ...openai, baseUrl: 'http://127.0.0.1:1/v1' };
    expect(namesOf([elsewhere, anthropic, google, mock], ['openai', 'google'])).toEqual(['openai']);
    expect(namesOf([openai, mock], [])).toEqual([]);
  });

  it('are the first of several of a provider', () => {
    const deployments = [
      { name: 'key-1', apiKey: 'a', models: ['gpt-4o'] },
      { name: 'eu', baseUrl: 'https://eu.api.openai.com/v1', apiKey: 'b' },
    ];
    const accounts = batchAccountsOf([{ ...openai, deployments }, mock], settings);
    expect(accounts.get('openai')).toMatchObject({ account: 'key-1', models: ['gpt-4o'], pollMs: 15_000 });
    expect(accounts.get('mock')).toMatchObject({ account: 'default', models: undefined, pollMs: 500 });
  });
});
