import type { IncomingHttpHeaders } from 'node:http';
import { refuseField } from './refuse-field';

/**
 * The versions of the API whose shapes are spoken here. The newer one only takes less: it has no `temperature`, `top_p` and `top_k`, no documents of
 * the assistant and no citations of the user, all of which may be sent here (Anthropic's "Versions", read November 2026). Claude is asked
 * under the older one, so that clients of both are served.
 */
const versions = new Set(['2023-06-01', '2026-10-21']);

/**
 * Betas that may be asked for: what they were for has become part of the API or of its models, or is only about how an answer travels or who
 * asks. The jobs carry no headers of clients, so that no beta reaches Anthropic: every other one would be left out unseen, and is refused.
 * (Names without their dates; Anthropic's "Beta headers" and release notes, read November 2026.)
 */
const harmless = new Set([
  'prompt-caching',
  'extended-cache-ttl',
  'message-batches',
  'token-counting',
  'max-tokens-3-5-sonnet',
  'output-128k',
  'tools',
  'token-efficient-tools',
  'fine-grained-tool-streaming',
  'interleaved-thinking',
  'effort',
  'pdfs',
  'cache-diagnosis',
  // A prompt that is too long without it is refused by Anthropic, never cut.
  'context-1m',
  'claude-code',
  'oauth',
]);

/** Refuses what the headers ask of the API that is not given. Throws `invalid_request`. */
export function checkVersionAndBetas(headers: IncomingHttpHeaders): void {
  const version = headers['anthropic-version'];
  if (version !== undefined && !versions.has(String(version))) {
    refuseField('anthropic-version', `this header has to be ${[...versions].join(' or ')}.`);
  }
  const asked = headers['anthropic-beta'];
  if (asked === undefined) return;
  for (const beta of String(asked).split(',')) {
    const name = beta.trim().replace(/-\d{4}-?\d{2}-?\d{2}$/, '');
    if (name === '' || harmless.has(name)) continue;
    refuseField(
      'anthropic-beta',
      `the beta ${name.slice(0, 64)} changes what the API takes or answers, and is not passed on; leave it out.`,
    );
  }
}
