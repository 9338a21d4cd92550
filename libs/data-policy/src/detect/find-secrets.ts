import type { SensitiveSpan } from '../sensitive-span';
import { findAssigned, findSpokenPassword } from './assigned-secrets';
import { precedingText } from './context';
import type { Candidates } from './scan-candidates';

/** Keys by how their makers write them. Tried on whole runs of letters, digits, `_` and `-`. */
const keyShapes: readonly RegExp[] = [
  /^sk-ant-[\w-]{20,}$/, // Anthropic
  /^sk-(?:proj|svcacct|admin|or-v1|None)-[\w-]{20,}$/, // OpenAI, OpenRouter
  /^sk-(?=[A-Za-z]*\d)[A-Za-z0-9]{20,}$/, // OpenAI, DeepSeek and others
  /^AIza[\w-]{35}$/, // Google
  /^GOCSPX-[\w-]{20,}$/,
  /^gh[pousr]_[A-Za-z0-9]{36,}$/, // GitHub
  /^github_pat_\w{22,}$/,
  /^gl(?:pat|dt|rt)-[\w-]{20,}$/, // GitLab
  /^xox[abeoprs]-[\w-]{10,}$/, // Slack
  /^xapp-\d-[\w-]{10,}$/,
  /^A(?:KIA|SIA)[A-Z0-9]{16}$/, // AWS
  /^(?:sk|rk|pk)_live_\w{16,}$/, // Stripe
  /^(?:sk|rk)_test_\w{16,}$/,
  /^hf_(?=[A-Za-z]*[A-Z])[A-Za-z0-9]{30,}$/, // Hugging Face
  /^gsk_[A-Za-z0-9]{40,}$/, // Groq
  /^xai-[A-Za-z0-9]{40,}$/,
  /^pplx-[A-Za-z0-9]{40,}$/,
  /^r8_[A-Za-z0-9]{30,}$/, // Replicate
  /^npm_[A-Za-z0-9]{36}$/,
  /^pypi-AgE[\w-]{40,}$/,
  /^do[opr]_v1_[a-f0-9]{64}$/, // DigitalOcean
  /^shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}$/, // Shopify
  /^dapi[a-f0-9]{32}$/, // Databricks
  /^lin_api_\w{32,}$/,
  /^cl_[\w-]{43}$/, // Costlane
];

/** First characters of the shapes above, so that most long words are passed over at once. */
const keyStarts = new Set([...'sAGgxrphdlcdn']);

const jwtRest = /^\.eyJ[\w-]{4,4096}\.[\w-]{16,1024}/;
const sendGridRest = /^\.[\w-]{40,50}(?![\w-])/;

/** Finds keys, tokens, private keys and assigned passwords. */
export function findSecrets(text: string, found: Candidates): SensitiveSpan[] {
  const spans: SensitiveSpan[] = [];
  const tokens = found.longTokens ?? [];
  for (let i = 0; i < tokens.length; i += 2) {
    const span = findKey(text, tokens[i] as number, tokens[i + 1] as number);
    if (span) spans.push(span);
  }
  for (const at of found.assignments ?? []) {
    const span = findAssigned(text, at);
    if (span) spans.push(span);
  }
  for (const at of found.passwords ?? []) {
    const span = findSpokenPassword(text, at);
    if (span) spans.push(span);
  }
  return spans;
}

const MAX_KEY_LENGTH = 400;

function findKey(text: string, tokenStart: number, end: number): SensitiveSpan | undefined {
  const start = skipDashes(text, tokenStart, end);
  if (end - start <= MAX_KEY_LENGTH && keyStarts.has(text[start] as string)) {
    const token = text.slice(start, end);
    if (keyShapes.some((shape) => shape.test(token))) return { kind: 'secret', start, end };
  }
  return findJwt(text, start, end) ?? findSendGridKey(text, start, end) ?? findPresentedKey(text, start, end);
}

/** What says right before a long word of letters and digits that it is a secret. */
const presented =
  /(?:\b(?:bearer|basic)|\b(?:api|access|secret|private)[ _-]?(?:key|token)(?: is| was)?[:=]?|hooks\.slack\.com\/services\/\w{1,16}\/\w{1,16}\/) ?["'`]?$/;

/** A key without a shape of its own behind a word for it: `Authorization: Bearer …`, `my api key is …`. */
function findPresentedKey(text: string, start: number, tokenEnd: number): SensitiveSpan | undefined {
  if (tokenEnd - start > MAX_KEY_LENGTH || !presented.test(precedingText(text, start, 56))) return undefined;
  let end = tokenEnd;
  while (end < text.length && end - start < MAX_KEY_LENGTH && /[\w+/=~.-]/.test(text[end] as string)) end++;
  while (text[end - 1] === '.') end--;
  const value = text.slice(start, end);
  return /\d/.test(value) && /[A-Za-z]/.test(value) ? { kind: 'secret', start, end } : undefined;
}

const skipDashes = (text: string, start: number, end: number): number => {
  let i = start;
  while (i < end && text[i] === '-') i++;
  return i;
};

/** A JSON web token: two parts that begin as base64 of `{"`, and a signature. */
function findJwt(text: string, start: number, end: number): SensitiveSpan | undefined {
  if (!text.startsWith('eyJ', start) || text[end] !== '.') return undefined;
  const rest = jwtRest.exec(text.slice(end, end + 5_200))?.[0];
  return rest ? { kind: 'secret', start, end: end + rest.length } : undefined;
}

function findSendGridKey(text: string, start: number, end: number): SensitiveSpan | undefined {
  if (end - start !== 22 || text.slice(start - 3, start) !== 'SG.') return undefined;
  const rest = sendGridRest.exec(text.slice(end, end + 60))?.[0];
  return rest ? { kind: 'secret', start: start - 3, end: end + rest.length } : undefined;
}

const BEGIN = '-----BEGIN ';
const LABEL = 'PRIVATE KEY-----';
const MAX_LABEL = 32;

/** Finds private keys in PEM form, headers included; one without an end goes on to the text's. */
export function findPrivateKeys(text: string): SensitiveSpan[] {
  const spans: SensitiveSpan[] = [];
  for (let label = text.indexOf(LABEL); label >= 0; label = text.indexOf(LABEL, label + 1)) {
    const from = Math.max(0, label - MAX_LABEL);
    const start = text.slice(from, label).lastIndexOf(BEGIN) + from;
    if (start < from) continue;
    if (!/^(?:\\r|\\n|[\s"])/.test(text.slice(label + LABEL.length, label + LABEL.length + 2))) continue;
    const footer = text.indexOf('-----END ', label);
    const footerEnd = footer < 0 ? -1 : text.indexOf('-----', footer + 9);
    const end = footerEnd < 0 ? text.length : footerEnd + 5;
    spans.push({ kind: 'secret', start, end });
    label = end - 1;
  }
  return spans;
}
