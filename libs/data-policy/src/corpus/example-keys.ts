/** Keys that look real and open nothing, put together here so that no scanner of repositories takes them for leaked ones. */
const filler = 'Ab3dEf6hJk9mNp2rSt5vWx8zQy4uGc7L';
const letters = (length: number): string => filler.repeat(Math.ceil(length / filler.length)).slice(0, length);
const hex = (length: number): string => '0f1e2d3c4b5a69788796a5b4c3d2e1f0'.repeat(4).slice(0, length);

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export const exampleKeys = {
  openai: `sk-${letters(48)}`,
  openaiProject: `sk-proj-${letters(40)}_${letters(30)}-${letters(20)}`,
  anthropic: `sk-ant-api03-${letters(40)}-${letters(40)}AA`,
  openrouter: `sk-or-v1-${hex(64)}`,
  google: `AIza${letters(35)}`,
  github: `ghp_${letters(36)}`,
  githubFine: `github_pat_${letters(22)}_${letters(59)}`,
  gitlab: `glpat-${letters(20)}`,
  slackBot: `xoxb-123456789012-123456789012-${letters(24)}`,
  slackUser: `xoxp-123456789012-${letters(30)}`,
  aws: 'AKIA' + 'IOSFODNN7EXAMPLE',
  awsSecret: 'wJalrXUtnFEMI/K7MDENG/' + 'bPxRfiCYEXAMPLEKEY',
  stripe: `sk_live_${letters(24)}`,
  huggingFace: `hf_${letters(34)}`,
  groq: `gsk_${letters(52)}`,
  npm: `npm_${letters(36)}`,
  replicate: `r8_${letters(37)}`,
  sendGrid: `SG.${letters(22)}.${letters(43)}`,
  costlane: `cl_${letters(43)}`,
  digitalOcean: `dop_v1_${hex(64)}`,
  jwt: `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ sub: 'example', iat: 1 })}.${letters(43)}`,
  pem: `-----BEGIN ${'PRIVATE'} KEY-----\n${letters(64)}\n${letters(64)}\n-----END ${'PRIVATE'} KEY-----`,
  rsaPem: `-----BEGIN RSA ${'PRIVATE'} KEY-----\n${letters(64)}\n-----END RSA ${'PRIVATE'} KEY-----`,
} as const;
