import type { ProviderTransport, TransportDeps } from '../attempt';
import type { ProviderConfig } from '../provider-config';
import { createTranslatingTransport, versionedPath } from '../translation/create-translating-transport';
import { EventConverter, type AnswerHead } from './convert-events';
import { convertReply } from './convert-reply';
import { convertRequest } from './convert-request';
import { convertError } from './map-error';

const VERSION_PATH = '/v1beta';
const TIER_HEADER = 'x-gemini-service-tier';

/**
 * Gemini's generateContent for requests in OpenAI's dialect; the base URL may have the version or not. The key goes into a
 * header: in the URL, where Google takes it as well, it would be in every log on the way.
 */
export function createGoogle(config: ProviderConfig, deps: TransportDeps): ProviderTransport {
  return createTranslatingTransport(config, deps, {
    exampleUrl: 'https://generativelanguage.googleapis.com',
    headers: config.apiKey ? ['x-goog-api-key', config.apiKey] : [],
    translate(request, base, createdAtSeconds) {
      const { model, body, includeUsage } = convertRequest(request.body, request.upstreamModel);
      const bytes = Buffer.from(JSON.stringify(body));
      const head: AnswerHead = {};
      return {
        path: pathOf(base, model, request.stream),
        body: bytes,
        translator: {
          events: new EventConverter({ includeUsage, createdAtSeconds }, head),
          onHeaders(headers) {
            const tier = headers[TIER_HEADER];
            if (typeof tier === 'string') head.serviceTier = tier;
          },
          convertReply: (json) => convertReply(json, createdAtSeconds, head.serviceTier),
          convertError: (text, status) => convertError(text, status, bytes.length),
        },
      };
    },
  });
}

function pathOf(base: URL, model: string, isStream: boolean): string {
  const path = `${versionedPath(base, VERSION_PATH)}/models/${encodeURIComponent(model)}`;
  if (!isStream) return `${path}:generateContent${base.search}`;
  return `${path}:streamGenerateContent${base.search === '' ? '?' : `${base.search}&`}alt=sse`;
}
