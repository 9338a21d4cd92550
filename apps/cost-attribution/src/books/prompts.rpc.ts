import type { PromptServiceServer } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { Ledger } from '@costlane/ledger';
import type { Logger } from '@costlane/platform';
import { unary } from '../grpc/unary';
import { readText } from '../ledger/read-filter';

/** gRPC edge of stored prompts: `PromptService`. A tenant is always named: nobody reads, or removes, those of all. */
export function createPromptsRpc(prompts: Ledger['prompts'], logger: Logger): PromptServiceServer {
  return {
    findPrompt: unary(logger, async ({ tenantId, requestId }) => {
      const found = await prompts.find(named('tenant_id', tenantId), named('request_id', requestId));
      if (!found) return { prompt: undefined };
      const { createdAt, expiresAt, ...rest } = found;
      return { prompt: { ...rest, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() } };
    }),
    forgetPrompts: unary(logger, async ({ tenantId }) => {
      const removed = await prompts.forget(named('tenant_id', tenantId));
      logger.info({ tenantId, removed }, 'the stored prompts of a tenant were removed');
      return { removed };
    }),
  };
}

function named(field: string, value: string): string {
  const text = readText(field, value);
  if (text !== '') return text;
  throw new CostlaneError('invalid_request', `${field} is missing.`, { field });
}
