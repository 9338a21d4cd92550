import { Controller, Get, Inject, Query } from '@nestjs/common';
import type { Ledger } from '@costlane/ledger';
import { successEnvelope, type Envelope } from '@costlane/platform';
import { renderCheck } from '../books/render-check';
import { toClientError } from '../to-client-error';
import { LEDGER } from '../tokens';
import { readFilter } from './read-filter';

/** For operators and tests inside the deployment: no service forwards it to clients. */
@Controller('internal/ledger')
export class LedgerController {
  constructor(@Inject(LEDGER) private readonly ledger: Pick<Ledger, 'summary' | 'check'>) {}

  @Get('summary')
  async summary(@Query('tenant_id') tenantId: unknown, @Query('since') since: unknown): Promise<Envelope<object>> {
    const filter = readFilter({ tenantId, since });
    const summary = await this.ledger.summary(filter).catch(rethrow);
    return successEnvelope({
      requests: summary.requests,
      paid_nano_usd: summary.paidNanoUsd.toString(),
      baseline_nano_usd: summary.baselineNanoUsd.toString(),
      saved_nano_usd: summary.savedNanoUsd.toString(),
      savings_nano_usd: Object.fromEntries(
        Object.entries(summary.savings).map(([cause, amount]) => [cause, amount.toString()]),
      ),
      unpriced_requests: summary.unpricedRequests,
      duplicate_completions: summary.duplicateCompletions,
      duplicate_paid_nano_usd: summary.duplicatePaidNanoUsd.toString(),
    });
  }

  @Get('check')
  async check(@Query('since') since: unknown): Promise<Envelope<object>> {
    return successEnvelope(renderCheck(await this.ledger.check(readFilter({ since })).catch(rethrow)));
  }
}

const rethrow = (error: unknown): never => {
  throw toClientError(error);
};
