// Past traffic as the replay takes it: rows of the ledger (CSV, JSON, JSON lines, or read from its database), or a workload with prompts.
import { existsSync, readFileSync } from 'node:fs';
import { parseCsv } from '../router/csv.mjs';

/** Columns of `llm_requests` that the replay reads. */
export const ledgerColumns = [
  'created_at',
  'tenant_id',
  'endpoint',
  'provider',
  'model_asked',
  'model_used',
  'cache_tier',
  'http_status',
  'error_code',
  'complexity',
  'predicted_gain',
  'route_decision',
  'fresh_input_tokens',
  'cache_read_tokens',
  'cache_write_short_tokens',
  'cache_write_long_tokens',
  'output_tokens',
  'reasoning_tokens',
  'audio_input_tokens',
  'audio_output_tokens',
  'image_input_tokens',
  'paid_nano_usd',
  'baseline_nano_usd',
  'savings_batching_nano_usd',
];

/** Rows of a file by what is in it: a JSON list, JSON lines, else CSV with a first line of names. */
export function parseRows(content, name) {
  const start = content.trimStart()[0];
  try {
    if (start === '[') return JSON.parse(content);
    if (start === '{')
      return content
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => JSON.parse(line));
  } catch (error) {
    throw new Error(`${name}: not JSON: ${error.message}`, { cause: error });
  }
  return parseCsv(content, name);
}

export function readRows(file) {
  if (!existsSync(file)) throw new Error(`${file}: there is no such file`);
  const rows = parseRows(readFileSync(file, 'utf8'), file);
  if (rows.length === 0) throw new Error(`${file}: no rows`);
  return rows;
}

/** Rows of the ledger's database, newest first. */
export async function queryRows(databaseUrl, { days, tenant, limit }) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    const { rows } = await client.query(
      `SELECT ${ledgerColumns.join(', ')} FROM llm_requests
       WHERE created_at >= now() - make_interval(days => $1) AND ($2::text IS NULL OR tenant_id = $2)
       ORDER BY created_at DESC LIMIT $3`,
      [days, tenant ?? null, limit],
    );
    if (rows.length === 0) throw new Error(`the ledger holds no requests of the last ${days} days`);
    return rows;
  } catch (error) {
    const why = error.errors?.[0]?.message ?? error.message;
    const { host } = new URL(databaseUrl);
    throw new Error(`the ledger at ${host} cannot be read: ${why}`, { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}

const isAbsent = (value) => value === undefined || value === null || value === '';

/** Where a row stands, for messages. */
function reader(row, at, name) {
  const fail = (field, wish) => {
    throw new Error(`${name}: row ${at + 1}: ${field} has to be ${wish}, not ${JSON.stringify(row[field])}`);
  };
  return {
    text: (field, otherwise) => (isAbsent(row[field]) ? (otherwise ?? fail(field, 'a text')) : String(row[field])),
    count(field) {
      if (isAbsent(row[field])) return 0;
      const value = Number(row[field]);
      return Number.isSafeInteger(value) && value >= 0 ? value : fail(field, 'a whole number from 0');
    },
    money(field) {
      if (isAbsent(row[field])) return undefined;
      const value = Number(row[field]);
      return Number.isSafeInteger(value) ? value : fail(field, 'a whole number of nano-dollars');
    },
    share(field) {
      if (isAbsent(row[field])) return undefined;
      const value = Number(row[field]);
      return value >= 0 && value <= 1 ? value : fail(field, 'a number from 0 to 1');
    },
  };
}

/** How the model of a row was chosen, as far as the record says; what cannot be read says nothing. */
export function decisionOf({ route_decision: decision }) {
  if (typeof decision !== 'string') return decision ?? undefined;
  try {
    return JSON.parse(decision) ?? undefined;
  } catch {
    return undefined;
  }
}

function fixedBy(row, read) {
  if (read.text('cache_tier', 'miss') !== 'miss') return 'cache';
  if (!isAbsent(row.error_code) || read.count('http_status') >= 400) return 'error';
  const isMedia = ['audio_input_tokens', 'audio_output_tokens', 'image_input_tokens'].some(
    (field) => read.count(field) > 0,
  );
  return isMedia || /embedding/.test(read.text('endpoint', '')) ? 'kind' : undefined;
}

/** A row with a prompt is judged by the product; what the ledger would have written is worked out. */
function judged(row, library, usePredictor) {
  const messages = row.messages ?? (isAbsent(row.prompt) ? undefined : [{ role: 'user', content: String(row.prompt) }]);
  if (messages === undefined) return {};
  const scales = {
    predictGain: usePredictor ? (text) => library.predictor.predict(text) : () => undefined,
    expectOutputTokens: library.createOutputLengths().expect,
  };
  return { content: library.readContent({ ...row.body, messages }, scales) };
}

/**
 * A row as a past request. `priceOf(provider, model)`: list price, for rows that do not say what was paid. Throws a sentence that names row and
 * field.
 */
export function pastRequestOf(row, at, { library, name, priceOf, usePredictor }) {
  const read = reader(row, at, name);
  const { content } = judged(row, library, usePredictor);
  const decision = decisionOf(row);
  const usage = {
    freshInputTokens: isAbsent(row.fresh_input_tokens)
      ? (content?.promptTokens ?? 0)
      : read.count('fresh_input_tokens'),
    cacheReadTokens: read.count('cache_read_tokens'),
    cacheWriteShortTokens: read.count('cache_write_short_tokens'),
    cacheWriteLongTokens: read.count('cache_write_long_tokens'),
    outputTokens: isAbsent(row.output_tokens) ? (content?.expectedOutputTokens ?? 0) : read.count('output_tokens'),
    reasoningTokens: read.count('reasoning_tokens'),
  };
  const modelUsed = read.text('model_used');
  const paid = () => {
    const price = priceOf(isAbsent(row.provider) ? undefined : row.provider, modelUsed);
    if (price) return library.costOfUsage(usage, price).totalNanoUsd;
    throw new Error(`${name}: row ${at + 1}: paid_nano_usd is missing, and the price of "${modelUsed}" is not known`);
  };
  const isSpecial = content?.needs.includes('vision') || content?.needs.includes('audio');
  return {
    tenantId: read.text('tenant_id', 'default'),
    modelAsked: read.text('model_asked', 'auto'),
    modelUsed,
    usage,
    paidNanoUsd: read.money('paid_nano_usd') ?? paid(),
    baselineNanoUsd: read.money('baseline_nano_usd'),
    batchSavingNanoUsd: Math.max(0, read.money('savings_batching_nano_usd') ?? 0),
    fixedBy: isSpecial ? 'kind' : fixedBy(row, read),
    complexity: read.share('complexity') ?? content?.complexity,
    predictedGain: usePredictor ? (read.share('predicted_gain') ?? content?.predictedGain) : undefined,
    taskType: decision?.taskType,
    text: content?.text,
    needs: content?.needs ?? decision?.needs,
  };
}
