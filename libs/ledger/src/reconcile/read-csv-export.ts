import { parse } from 'csv-parse/sync';
import { nanoUsdFrom } from './decimal';
import { dayOf, meterNames, modelOf, refuse, tokensOf, type Meter, type UsageExport, type UsageRow } from './usage-row';

type Line = Record<string, string>;

interface CsvReader {
  kind: string;
  /** Columns by which it is known. */
  needs: readonly string[];
  /** Undefined: the line says nothing, as those of days without use in OpenAI's exports. */
  read(line: Line, place: string): UsageRow | undefined;
}

/** From OpenAI's dashboard: buckets of a minute, an hour or a day. The columns are those of files exported in October 2025. */
const openAiUsage: CsvReader = {
  kind: 'openai.usage.csv',
  needs: ['start_time', 'model', 'input_tokens', 'output_tokens'],
  read(line, place) {
    if ((line['model'] ?? '') === '' && (line['input_tokens'] ?? '') === '') return undefined;
    const input = tokensOf(line['input_tokens'], `${place}, input_tokens`);
    const cached = tokensOf(line['input_cached_tokens'], `${place}, input_cached_tokens`);
    if (cached > input) refuse(place, 'input_cached_tokens is more than input_tokens, whose part it should be.');
    return {
      day: dayOf(line['start_time'], `${place}, start_time`),
      model: modelOf(line['model'], `${place}, model`),
      tokens: {
        uncached_input: input - cached,
        cache_read: cached,
        all_output: tokensOf(line['output_tokens'], `${place}, output_tokens`),
      },
    };
  },
};

const openAiCosts: CsvReader = {
  kind: 'openai.costs.csv',
  needs: ['start_time', 'amount_value', 'line_item'],
  read(line, place) {
    if ((line['amount_value'] ?? '') === '') return undefined;
    if (line['amount_currency']?.toLowerCase() !== 'usd') refuse(`${place}, amount_currency`, 'has to be usd.');
    return {
      day: dayOf(line['start_time'], `${place}, start_time`),
      model: modelOf(line['line_item'], `${place}, line_item`).split(',')[0]?.trim() ?? '',
      tokens: {},
      costNanoUsd: nanoUsdFrom(line['amount_value'], `${place}, amount_value`),
    };
  },
};

/** From Anthropic's console: a line for each day, model, key and kind of use. */
const anthropicUsage: CsvReader = {
  kind: 'anthropic.console.usage.csv',
  needs: ['usage_date_utc', 'model_version', 'usage_input_tokens_no_cache', 'usage_output_tokens'],
  read(line, place) {
    const tokens = (column: string): bigint => tokensOf(line[column], `${place}, ${column}`);
    return {
      day: dayOf(line['usage_date_utc'], `${place}, usage_date_utc`),
      model: modelOf(line['model_version'], `${place}, model_version`),
      tokens: {
        fresh_input: tokens('usage_input_tokens_no_cache'),
        cache_read: tokens('usage_input_tokens_cache_read'),
        cache_write_short: tokens('usage_input_tokens_cache_write_5m'),
        cache_write_long: tokens('usage_input_tokens_cache_write_1h'),
        all_output: tokens('usage_output_tokens'),
      },
    };
  },
};

const anthropicCosts: CsvReader = {
  kind: 'anthropic.console.costs.csv',
  needs: ['usage_date_utc', 'model', 'cost_usd'],
  read: (line, place) => ({
    day: dayOf(line['usage_date_utc'], `${place}, usage_date_utc`),
    model: modelOf(line['model'], `${place}, model`),
    tokens: {},
    costNanoUsd: nanoUsdFrom(line['cost_usd'], `${place}, cost_usd`),
  }),
};

/** Our own, for every other provider: `day,model,token_class,tokens[,cost_usd]`. */
const generic: CsvReader = {
  kind: 'generic.csv',
  needs: ['day', 'model', 'token_class', 'tokens'],
  read(line, place) {
    const meter = meterNames.find((name) => name === line['token_class']);
    const hasCost = (line['cost_usd'] ?? '') !== '';
    if (!meter && !(line['token_class'] === '' && hasCost))
      return refuse(
        `${place}, token_class`,
        `has to be one of ${meterNames.join(', ')}; empty for a line that has a cost only.`,
      );
    return {
      day: dayOf(line['day'], `${place}, day`),
      model: modelOf(line['model'], `${place}, model`),
      tokens: meter
        ? ({ [meter]: tokensOf(line['tokens'], `${place}, tokens`) } satisfies Partial<Record<Meter, bigint>>)
        : {},
      ...(hasCost ? { costNanoUsd: nanoUsdFrom(line['cost_usd'], `${place}, cost_usd`) } : {}),
    };
  },
};

/** In this order: the first whose columns are all there. */
const readers = [openAiUsage, openAiCosts, anthropicUsage, anthropicCosts, generic];

/** A provider's export as CSV (RFC 4180, with a header line), or our generic one. Throws `invalid_request` that names the line and column. */
export function readCsvExport(text: string, maxRows: number): UsageExport {
  const lines = parseLines(text, maxRows);
  const columns = Object.keys(lines[0] ?? {});
  if (lines.length === 0) return { kind: 'empty', rows: [], notes: ['The export has no lines.'] };
  const reader = readers.find(({ needs }) => needs.every((name) => columns.includes(name)));
  if (!reader) {
    const known = readers.map(({ kind, needs }) => `${kind} (${needs.join(', ')})`).join('; ');
    return refuse('line 1', `has the columns of none that is known here: ${known}.`);
  }
  const rows = lines.flatMap((line, index) => reader.read(line, `line ${index + 2}`) ?? []);
  const notes = rows.some(({ model }) => model === '') ? ['Some lines name no model: export it grouped by model.'] : [];
  return { kind: reader.kind, rows, notes };
}

function parseLines(text: string, maxRows: number): Line[] {
  let lines: Line[];
  try {
    lines = parse(text, {
      bom: true,
      columns: (header: string[]) => header.map((name) => name.trim().toLowerCase()),
      skip_empty_lines: true,
      trim: true,
      max_record_size: 100_000,
      to: maxRows + 1,
    });
  } catch (error) {
    // The library's message names the line, and may quote what stands there.
    const line =
      typeof (error as { lines?: unknown }).lines === 'number' ? String((error as { lines: number }).lines) : '?';
    return refuse(`line ${line}`, 'is no CSV: a quote is not closed, or it has more or fewer fields than the header.');
  }
  if (lines.length > maxRows) refuse('as a whole', `has more than ${maxRows} lines; export fewer days at a time.`);
  return lines;
}
