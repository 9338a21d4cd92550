import type { BooksReply, ReconcileRequest } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { parseUsageExport, type Ledger } from '@costlane/ledger';
import type { Logger } from '@costlane/platform';
import type { handleUnaryCall } from '@grpc/grpc-js';
import { z } from 'zod';
import { unary } from '../grpc/unary';
import { renderReconciliation } from './render-reconciliation';

const DEFAULT_TOLERANCE_PERCENT = 0.5;
const NAME_LIMIT = 200;

/** What comes in `usage_json`: the export as it was uploaded. It is read here and not at the gateway, whose thread has requests to answer. */
const uploadSchema = z.object({
  export: z.string(),
  format: z.enum(['csv', 'json']).optional(),
  tolerance_percent: z.number().min(0).max(100).default(DEFAULT_TOLERANCE_PERCENT),
});

/** `BooksService.Reconcile`: a provider's usage export against the rollups of its days. */
export function createReconcileRpc({
  ledger,
  logger,
}: {
  ledger: Pick<Ledger, 'reconcile'>;
  logger: Logger;
}): handleUnaryCall<ReconcileRequest, BooksReply> {
  return unary(logger, async ({ provider, usageJson }) => {
    if (provider === '' || provider.length > NAME_LIMIT)
      refuse('provider', 'must be the name of a provider as it stands in the ledger, such as openai.');
    const { export: text, format, tolerance_percent: tolerancePercent } = readUpload(usageJson);
    const parsed = parseUsageExport(text, format);
    const result = await ledger.reconcile({ provider, rows: parsed.rows, tolerancePercent });
    if (!result) return refuse('body', 'must be an export of at least one day: this one has no figures.');
    const json = JSON.stringify(renderReconciliation({ provider, tolerancePercent, parsed, result }));
    return { json };
  });
}

function readUpload(usageJson: string): z.output<typeof uploadSchema> {
  let upload: unknown;
  try {
    upload = JSON.parse(usageJson);
  } catch {
    return refuse('usage_json', 'must be JSON.');
  }
  const parsed = uploadSchema.safeParse(upload);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return refuse(issue?.path.join('.') || 'usage_json', `is wrong: ${issue?.message ?? 'unknown'}.`);
}

function refuse(field: string, message: string): never {
  throw new CostlaneError('invalid_request', `${field} ${message}`, { field });
}
