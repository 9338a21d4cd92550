import type { ProviderTransport, TransportDeps } from '../attempt';
import type { ProviderConfig } from '../provider-config';
import { createTranslatingTransport, versionedPath } from '../translation/create-translating-transport';
import { EventConverter } from './convert-events';
import { convertReply } from './convert-reply';
import { convertRequest } from './convert-request';
import { convertError } from './map-error';
import { NativeMessage } from './native-message';
import { encodeMarked } from './prompt-marker';

/** The version of the API that is spoken; sent with every request ("Versions"). */
const API_VERSION = '2023-06-01';
const VERSION_PATH = '/v1';
const MESSAGES_PATH = '/messages';

/**
 * Anthropic's Messages API, for requests in its own dialect and in OpenAI's. Its own clients take the base URL without the version,
 * OpenAI's with it: both will do.
 */
export function createAnthropic(config: ProviderConfig, deps: TransportDeps): ProviderTransport {
  const headers = ['anthropic-version', API_VERSION];
  if (config.apiKey) headers.push('x-api-key', config.apiKey);
  const pathAt = (base: URL): string => versionedPath(base, VERSION_PATH) + MESSAGES_PATH + base.search;
  return createTranslatingTransport(config, deps, {
    exampleUrl: 'https://api.anthropic.com',
    headers,
    native: (request, base) =>
      request.dialect === 'anthropic.messages' ? new NativeMessage(request, pathAt(base)) : undefined,
    translate(request, base, createdAtSeconds) {
      const { body, includeUsage } = convertRequest(request.body, request.upstreamModel);
      return {
        path: pathAt(base),
        body: encodeMarked(body, request),
        translator: {
          events: new EventConverter({ includeUsage, createdAtSeconds }),
          convertReply: (json) => convertReply(json, createdAtSeconds),
          convertError(text) {
            const error = convertError(text);
            return error && { body: error };
          },
        },
      };
    },
  });
}
