import type { ProviderTransport, TransportDeps } from '../attempt';
import type { ProviderConfig } from '../provider-config';
import { createTranslatingTransport, versionedPath } from '../translation/create-translating-transport';
import { EventConverter } from './convert-events';
import { convertReply } from './convert-reply';
import { convertRequest } from './convert-request';
import { convertError } from './map-error';

const VERSION_PATH = '/v2';

/** Cohere's Chat API (v2) for requests in OpenAI's dialect; the base URL may have the version or not. */
export function createCohere(config: ProviderConfig, deps: TransportDeps): ProviderTransport {
  return createTranslatingTransport(config, deps, {
    exampleUrl: 'https://api.cohere.com',
    headers: config.apiKey ? ['authorization', `Bearer ${config.apiKey}`] : [],
    translate(request, base, createdAtSeconds) {
      const { body, includeUsage } = convertRequest(request.body, request.upstreamModel, request.stream);
      // Answers do not name the model that gave them.
      const model = String(body['model']);
      return {
        path: `${versionedPath(base, VERSION_PATH)}/chat${base.search}`,
        body: Buffer.from(JSON.stringify(body)),
        translator: {
          events: new EventConverter({ includeUsage, createdAtSeconds }, model),
          convertReply: (json) => convertReply(json, model, createdAtSeconds),
          convertError,
        },
      };
    },
  });
}
