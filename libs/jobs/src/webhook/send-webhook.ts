import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { toCostlaneError } from '@costlane/domain';
import { checkWebhookUrl, createPublicLookup, isOwnReceiver, type AddressRules, type Resolve } from './public-address';
import { signWebhook, webhookHeaders } from './sign-webhook';

export interface WebhookMessage {
  url: string;
  secret?: string;
  /** The same on every attempt. */
  id: string;
  event: string;
  body: Buffer;
}

export type SendOutcome =
  | { ok: true; status: number }
  /** `isFinal`: no further attempt will help. */
  | { ok: false; reason: string; status?: number; retryAfterMs?: number; isFinal: boolean };

export interface SendOptions extends AddressRules {
  /** Of an attempt as a whole. */
  timeoutMs: number;
  now: () => number;
  resolve?: Resolve;
}

/** One attempt at a webhook. Never rejects. Only 2xx is a success; redirects are not followed; what the receiver says is not read. */
export function sendWebhook(message: WebhookMessage, options: SendOptions): Promise<SendOutcome> {
  let url: URL;
  try {
    url = checkWebhookUrl(message.url, options);
  } catch (error) {
    return Promise.resolve({ ok: false, reason: toCostlaneError(error).message, isFinal: true });
  }
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const signal = AbortSignal.timeout(options.timeoutMs);
  return new Promise((resolve) => {
    const request = send(url, {
      method: 'POST',
      headers: headersOf(message, options.now()),
      lookup: isOwnReceiver(url, options) ? undefined : createPublicLookup(options, options.resolve),
      // No agent: a kept connection would be used without asking where it leads.
      agent: false,
      signal,
    });
    request.once('response', (response) => {
      resolve(outcomeOf(response.statusCode ?? 0, response.headers['retry-after']));
      response.destroy();
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      const reason = signal.aborted ? `no answer within ${options.timeoutMs} ms` : (error.code ?? error.message);
      resolve({ ok: false, reason, isFinal: false });
    });
    request.end(message.body);
  });
}

function headersOf({ id, event, secret, body }: WebhookMessage, nowMs: number): Record<string, string | number> {
  const timestamp = Math.floor(nowMs / 1000);
  const headers: Record<string, string | number> = {
    'content-type': 'application/json',
    'content-length': body.length,
    'user-agent': 'costlane-webhook/1',
    [webhookHeaders.id]: id,
    [webhookHeaders.event]: event,
    [webhookHeaders.timestamp]: timestamp,
  };
  if (secret !== undefined) headers[webhookHeaders.signature] = signWebhook(secret, timestamp, body);
  return headers;
}

/** 410 Gone: the receiver wants no more. Everything else may be repaired on his side. */
function outcomeOf(status: number, retryAfter: string | undefined): SendOutcome {
  if (status >= 200 && status < 300) return { ok: true, status };
  const seconds = Number(retryAfter);
  const retryAfterMs = retryAfter !== undefined && Number.isFinite(seconds) ? Math.max(0, seconds) * 1000 : undefined;
  return { ok: false, reason: `HTTP ${status}`, status, retryAfterMs, isFinal: status === 410 };
}
