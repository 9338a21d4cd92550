import { Controller, Get, Headers, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { CostlaneError } from '@costlane/domain';
import { successEnvelope } from '@costlane/platform';
import type { PriceCatalog } from '@costlane/pricing';
import type { PolicyService } from '../policy/policy.service';
import { POLICY_SERVICE, PRICE_CATALOG, PRICE_REFRESH } from '../tokens';
import type { PriceRefresh } from './price-refresh';
import { renderModel, renderPrice, renderReport, renderStaged } from './render-catalog';

/** The catalog for operators, and what waits for them. Inside the deployment only, as all of `/internal`: the gateway asks on behalf of admins. */
@Controller('internal/catalog')
export class CatalogController {
  constructor(
    @Inject(POLICY_SERVICE) private readonly policies: PolicyService,
    @Inject(PRICE_CATALOG) private readonly catalog: PriceCatalog,
    @Inject(PRICE_REFRESH) private readonly prices: PriceRefresh,
  ) {}

  @Get()
  show() {
    const { version, file } = this.catalog.status();
    const report = this.prices.staged().lastRefresh();
    return successEnvelope({
      version,
      prices_file: file
        ? {
            version: file.version || null,
            loaded_at: file.loadedAt,
            models: file.modelCount,
            reloads: file.reloads,
            rejected_reloads: file.rejectedReloads,
            last_error: file.lastError,
            warnings: file.warnings,
          }
        : null,
      last_refresh: report ? renderReport(report) : null,
      staged: this.prices.staged().list().length,
      models: [...this.policies.current().models.values()].map((model) => renderModel(model, this.catalog)),
    });
  }

  @Get('staged')
  staged() {
    return successEnvelope(this.prices.staged().list().map(renderStaged));
  }

  @Post('staged/:id/approve')
  @HttpCode(200)
  async approve(@Param('id') id: string, @Headers('origin') origin?: string) {
    refuseBrowsers(origin);
    const price = await this.prices.staged().approve(id);
    return successEnvelope({ id, provider: price.provider, model: price.model, ...renderPrice(price) });
  }

  @Post('staged/:id/reject')
  @HttpCode(200)
  async reject(@Param('id') id: string, @Headers('origin') origin?: string) {
    refuseBrowsers(origin);
    await this.prices.staged().reject(id);
    return successEnvelope({ id });
  }

  @Post('refresh')
  @HttpCode(200)
  async refresh(@Headers('origin') origin?: string) {
    refuseBrowsers(origin);
    return successEnvelope(renderReport(await this.prices.refresh()));
  }
}

/** A page on somebody's screen can send a POST to this port of their own machine; the gateway and command lines send no origin. */
function refuseBrowsers(origin: string | undefined): void {
  if (origin !== undefined) throw new CostlaneError('forbidden', 'This is not for web pages; ask the gateway.');
}
