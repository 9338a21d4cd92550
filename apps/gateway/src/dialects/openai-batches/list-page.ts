import { CostlaneError } from '@costlane/domain';

export interface PageQuery {
  limit?: unknown;
  after?: unknown;
}

/** What part of a list is asked for. @throws CostlaneError `invalid_request` */
export function readPage(
  { limit, after }: PageQuery,
  limits: { max: number; default: number },
): { limit: number; after?: string } {
  const count = limit === undefined ? limits.default : Number(limit);
  if (!Number.isInteger(count) || count < 1 || count > limits.max)
    throw new CostlaneError('invalid_request', `Parameter "limit" has to be a whole number from 1 to ${limits.max}.`, {
      field: 'limit',
    });
  return { limit: count, after: typeof after === 'string' && after !== '' ? after : undefined };
}

/** A page of a list as OpenAI's clients read it. */
export const listDocument = <T extends { id: string }>(data: readonly T[], hasMore: boolean) => ({
  object: 'list' as const,
  data,
  first_id: data[0]?.id ?? null,
  last_id: data.at(-1)?.id ?? null,
  has_more: hasMore,
});
