import { err, ok, type Result } from '@costlane/domain';
import { isObject, type PriceListReading } from './listed-model';
import { readLiteLlmList } from './read-litellm-list';
import { readModelsDevList } from './read-models-dev-list';

/**
 * Reads an open price list, LiteLLM's or models.dev's, told apart by their shape.
 *
 * @param providers whose models are wanted, by our names
 * @returns a sentence where the text is neither, or where hardly anything of it could be read: then its form has changed, and to compare with
 *   what is left would have most models vanish
 */
export function readPriceList(text: string, providers: readonly string[]): Result<PriceListReading, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return err(`it is not valid JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  if (!isObject(json)) return err('it is not an object');
  const format = formatOf(json);
  if (!format) return err("it is neither LiteLLM's list of models nor models.dev's api.json");
  const { models, refused } =
    format === 'litellm' ? readLiteLlmList(json, providers) : readModelsDevList(json, providers);
  if (models.length === 0) return err(`it has no price of ${providers.join(', ')}`);
  if (refused.length > models.length) {
    return err(`most of its prices cannot be: ${refused[0]?.entry}: ${refused[0]?.reason}`);
  }
  return ok({ format, models, refused });
}

function formatOf(list: Readonly<Record<string, unknown>>): PriceListReading['format'] | undefined {
  const entries = Object.values(list).filter(isObject);
  if (entries.some((entry) => 'litellm_provider' in entry)) return 'litellm';
  return entries.some((entry) => isObject(entry['models'])) ? 'models.dev' : undefined;
}
