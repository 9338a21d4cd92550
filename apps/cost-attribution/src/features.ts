import { createAnalyticsFeature } from './analytics/analytics.feature';
import { createAnomaliesFeature } from './anomalies/anomalies.feature';
import { createBooksFeature } from './books/books.feature';
import { createBudgetsFeature } from './budgets/budgets.feature';
import type { CreateFeature } from './feature';
import { createInfrastructureFeature } from './infrastructure/infrastructure.feature';
import { createRollupFeature } from './rollup/rollup.feature';

/** All features, one line each. */
export const features: readonly CreateFeature[] = [
  createAnalyticsFeature,
  createAnomaliesFeature,
  createBooksFeature,
  createBudgetsFeature,
  createInfrastructureFeature,
  createRollupFeature,
];
