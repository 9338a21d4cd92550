import type { SensitiveSpan } from '../sensitive-span';

const MAX_LOCAL = 64;
const MAX_DOMAIN = 253;
const MAX_USERINFO = 256;

/** Scripts that set words apart by spaces: where they do not, the sentence around would be taken for part of the address. */
const scripts = '\\p{Script=Latin}\\p{Script=Cyrillic}\\p{Script=Greek}0-9';
const localChar = new RegExp(`[${scripts}._%+'-]`, 'u');
const domainChar = new RegExp(`[${scripts}.-]`, 'u');
const domainShape = /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+(\p{L}{2,24}|xn--[a-z0-9-]{2,59})$/iu;

/** Endings of files, which stand where a top-level domain would: `logo@2x.png`, `user@file.json`. */
const fileEndings = new Set([
  'png',
  'jpg',
  'jpeg',
  'gif',
  'svg',
  'webp',
  'css',
  'js',
  'ts',
  'json',
  'md',
  'txt',
  'html',
  'yml',
  'yaml',
]);
const samplePasswords =
  /^(?:pass(?:word|wd)?|pwd|secret|user(?:name)?|guest|root|admin|test|postgres|x+|\*+|\.+|your.*|[$<{%].*)$/i;

/** Finds e-mail addresses, and passwords in addresses of servers (`postgres://user:password@host`). Linear: no sign is passed twice. */
export function findAtSigns(text: string): SensitiveSpan[] {
  const spans: SensitiveSpan[] = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    if (/[\s@]/.test(text[at - 1] ?? '@')) continue;
    const userinfo = findUserinfo(text, at);
    if (userinfo?.password) spans.push({ kind: 'secret', ...userinfo.password });
    const email = userinfo ? undefined : findEmail(text, at);
    if (email) spans.push(email);
  }
  return spans;
}

function findEmail(text: string, at: number): SensitiveSpan | undefined {
  let start = at;
  while (start > 0 && at - start < MAX_LOCAL && localChar.test(text[start - 1] as string)) start--;
  while (start < at && /[.'%+-]/.test(text[start] as string)) start++;
  if (start === at || text[at - 1] === '.') return undefined;
  let end = at + 1;
  while (end < text.length && end - at <= MAX_DOMAIN && domainChar.test(text[end] as string)) end++;
  while (end > at && /[.-]/.test(text[end - 1] as string)) end--;
  const domain = text.slice(at + 1, end);
  const topLevel = domainShape.exec(domain)?.[1]?.toLowerCase();
  if (topLevel === undefined || fileEndings.has(topLevel)) return undefined;
  // `x@W.mean()` is code, `git@github.com:owner/repository` an address of a repository.
  if (/^[([]/.test(text.slice(end, end + 1))) return undefined;
  if (text.slice(start, at) === 'git' && /^[:/]/.test(text.slice(end, end + 1))) return undefined;
  return { kind: 'email', start, end };
}

/** What stands between `://` and an @: an account, perhaps with a password. Undefined where there is no `://`. */
function findUserinfo(text: string, at: number): { password?: { start: number; end: number } } | undefined {
  let start = at;
  while (start > 0 && at - start < MAX_USERINFO && !/[\s"'`<>@[\]/]/.test(text[start - 1] as string)) start--;
  if (!/^[a-z0-9+]:\/\/$/i.test(text.slice(Math.max(0, start - 4), start))) return undefined;
  const colon = text.slice(start, at).indexOf(':');
  if (colon < 0) return {};
  const password = { start: start + colon + 1, end: at };
  return samplePasswords.test(text.slice(password.start, at)) || password.start === at ? {} : { password };
}
