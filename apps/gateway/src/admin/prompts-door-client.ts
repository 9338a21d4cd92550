import {
  PromptServiceClient,
  type FindPromptReply,
  type FindPromptRequest,
  type ForgetPromptsReply,
  type ForgetPromptsRequest,
  type KeptPrompt,
} from '@costlane/contracts';
import { credentials } from '@grpc/grpc-js';
import { askService, type Call } from './ask-service';

/** Stored prompts as administrators see them. Each rejects with a `CostlaneError`. */
export interface PromptAdmin {
  /** Undefined: none is kept of that tenant's request, or no longer. */
  find(tenantId: string, requestId: string): Promise<KeptPrompt | undefined>;
  /** Gives how many went. */
  forget(tenantId: string): Promise<number>;
}

const LEDGER = 'cost-attribution';
/** Many go in small steps. */
const FORGET_TIMEOUT_MS = 60_000;

export function createPromptAdmin(address: string): PromptAdmin & { close(): void } {
  const client = new PromptServiceClient(address, credentials.createInsecure());
  const find: Call<FindPromptRequest, FindPromptReply> = (...args) => client.findPrompt(...args);
  const forget: Call<ForgetPromptsRequest, ForgetPromptsReply> = (...args) => client.forgetPrompts(...args);
  return {
    find: async (tenantId, requestId) => (await askService(find, { tenantId, requestId }, LEDGER)).prompt,
    forget: async (tenantId) => (await askService(forget, { tenantId }, LEDGER, FORGET_TIMEOUT_MS)).removed,
    close: () => client.close(),
  };
}
