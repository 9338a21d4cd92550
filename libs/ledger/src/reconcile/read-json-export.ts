import { nanoUsdFrom } from './decimal';
import { dayOf, modelOf, refuse, tokensOf, type UsageExport, type UsageRow } from './usage-row';

type Json = Record<string, unknown>;

interface ResultReader {
  kind: string;
  matches(result: Json): boolean;
  /** Everything but the day. */
  read(result: Json, place: string): Omit<UsageRow, 'day'>;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** OpenAI: `input_tokens` has the cached ones in it, `output_tokens` reasoning. Shapes as its API reference described them in November 2026. */
const openAiUsage: ResultReader = {
  kind: 'openai.usage',
  matches: ({ object }) => typeof object === 'string' && object.startsWith('organization.usage.'),
  read(result, place) {
    const input = tokensOf(result['input_tokens'], `${place}.input_tokens`);
    const cached = tokensOf(result['input_cached_tokens'], `${place}.input_cached_tokens`);
    if (cached > input) refuse(place, 'input_cached_tokens is more than input_tokens, whose part it should be.');
    return {
      model: modelOf(result['model'], `${place}.model`),
      tokens: {
        uncached_input: input - cached,
        cache_read: cached,
        all_output: tokensOf(result['output_tokens'], `${place}.output_tokens`),
      },
    };
  },
};

/** OpenAI's costs are by line item: the model's name, and behind a comma what it was for. */
const openAiCosts: ResultReader = {
  kind: 'openai.costs',
  matches: ({ object }) => object === 'organization.costs.result',
  read({ amount, line_item: lineItem }, place) {
    if (!isObject(amount)) return refuse(`${place}.amount`, 'is missing.');
    requireUsd(amount['currency'], `${place}.amount.currency`);
    return {
      model: modelOf(lineItem, `${place}.line_item`).split(',')[0]?.trim() ?? '',
      tokens: {},
      costNanoUsd: nanoUsdFrom(amount['value'], `${place}.amount.value`),
    };
  },
};

/** Anthropic: the four kinds of input are apart, `output_tokens` has thinking in it. */
const anthropicUsage: ResultReader = {
  kind: 'anthropic.usage_report',
  matches: (result) => 'uncached_input_tokens' in result,
  read(result, place) {
    const written = isObject(result['cache_creation']) ? result['cache_creation'] : {};
    return {
      model: modelOf(result['model'], `${place}.model`),
      tokens: {
        fresh_input: tokensOf(result['uncached_input_tokens'], `${place}.uncached_input_tokens`),
        cache_read: tokensOf(result['cache_read_input_tokens'], `${place}.cache_read_input_tokens`),
        cache_write_short: tokensOf(
          written['ephemeral_5m_input_tokens'],
          `${place}.cache_creation.ephemeral_5m_input_tokens`,
        ),
        cache_write_long: tokensOf(
          written['ephemeral_1h_input_tokens'],
          `${place}.cache_creation.ephemeral_1h_input_tokens`,
        ),
        all_output: tokensOf(result['output_tokens'], `${place}.output_tokens`),
      },
    };
  },
};

/** Anthropic's amounts are decimal text in cents. */
const anthropicCosts: ResultReader = {
  kind: 'anthropic.cost_report',
  matches: ({ amount, currency }) => typeof amount === 'string' && typeof currency === 'string',
  read({ amount, currency, model }, place) {
    requireUsd(currency, `${place}.currency`);
    return {
      model: modelOf(model, `${place}.model`),
      tokens: {},
      costNanoUsd: nanoUsdFrom(amount, `${place}.amount`, 'cents'),
    };
  },
};

const readers = [openAiUsage, openAiCosts, anthropicUsage, anthropicCosts];

function requireUsd(currency: unknown, place: string): void {
  if (typeof currency !== 'string' || currency.toLowerCase() !== 'usd') refuse(place, 'has to be USD.');
}

/** One page of a provider's usage or cost API, or a list of its pages; usage and costs may be mixed. Throws `invalid_request` that names the place. */
export function readJsonExport(text: string, maxRows: number): UsageExport {
  let document: unknown;
  try {
    document = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return refuse('as a whole', 'is not valid JSON.');
  }
  const pages = Array.isArray(document) ? document : [document];
  const kinds = new Set<string>();
  const rows: UsageRow[] = [];
  for (const [index, page] of pages.entries()) {
    for (const { day, result, place } of resultsOf(page, Array.isArray(document) ? `[${index}]` : '')) {
      const reader = readers.find(({ matches }) => matches(result));
      if (!reader) return refuse(place, 'is no result of a usage or cost API that is known here.');
      kinds.add(reader.kind);
      rows.push({ day, ...reader.read(result, place) });
      if (rows.length > maxRows)
        refuse('as a whole', `has more than ${maxRows} results; ask for fewer days, or group by less.`);
    }
  }
  return { kind: [...kinds].sort().join(' + ') || 'empty', rows, notes: notesOf(pages, rows) };
}

function* resultsOf(page: unknown, at: string): Generator<{ day: string; result: Json; place: string }> {
  if (!isObject(page) || !Array.isArray(page['data']))
    refuse(at === '' ? 'as a whole' : at, 'has to be a page with a list "data".');
  for (const [i, bucket] of (page['data'] as unknown[]).entries()) {
    const place = `${at}data[${i}]`;
    if (!isObject(bucket) || !Array.isArray(bucket['results']))
      return refuse(place, 'has to be a bucket with a list "results".');
    const day = dayOf(bucket['starting_at'] ?? bucket['start_time'], `${place}.start_time`);
    for (const [j, result] of (bucket['results'] as unknown[]).entries()) {
      if (!isObject(result)) return refuse(`${place}.results[${j}]`, 'has to be an object.');
      yield { day, result, place: `${place}.results[${j}]` };
    }
  }
}

function notesOf(pages: readonly unknown[], rows: readonly UsageRow[]): string[] {
  const last = pages.at(-1);
  const notes: string[] = [];
  if (isObject(last) && last['has_more'] === true)
    notes.push('The last page says that there are more: this export is not complete.');
  if (rows.some(({ model }) => model === '')) notes.push('Some results name no model: export it grouped by model.');
  return notes;
}
