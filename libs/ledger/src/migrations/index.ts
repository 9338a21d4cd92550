import { CreateLedger1795219200000 } from './1795219200000-create-ledger';
import { CreateApiKeys1795219260000 } from './1795219260000-create-api-keys';
import { AddCacheSimilarity1795737600000 } from './1795737600000-add-cache-similarity';
import { AddRouteDecision1795824000000 } from './1795824000000-add-route-decision';
import { CreateControl1795910400000 } from './1795910400000-create-control';
import { CreateExperimentTotals1795910460000 } from './1795910460000-create-experiment-totals';
import { CreateBatchJobs1796000000000 } from './1796000000000-create-batch-jobs';
import { CreateBatchSubmissions1796000060000 } from './1796000060000-create-batch-submissions';
import { AddPriceAssumptions1796100000000 } from './1796100000000-add-price-assumptions';
import { AddJobRequestHash1796150000000 } from './1796150000000-add-job-request-hash';
import { AddItemPlans1796200000000 } from './1796200000000-add-item-plans';
import { AddItemTries1796210000000 } from './1796210000000-add-item-tries';
import { CreateFiles1796210000000 } from './1796210000000-create-files';
import { AddItemLosses1796220000000 } from './1796220000000-add-item-losses';
import { AddOpenJobsIndex1796230000000 } from './1796230000000-add-open-jobs-index';
import { AddMoneyColumns1796300000000 } from './1796300000000-add-money-columns';
import { CreateRollups1796300060000 } from './1796300060000-create-rollups';
import { CreateEntries1796310000000 } from './1796310000000-create-entries';
import { CreateStoredPrompts1796310060000 } from './1796310060000-create-stored-prompts';
import { CreateDetailRetention1796310120000 } from './1796310120000-create-detail-retention';
import { UseTimescale1796310180000 } from './1796310180000-use-timescale';
import { CreateRollupMarks1796320000000 } from './1796320000000-create-rollup-marks';
import { CreateBudgets1796330000000 } from './1796330000000-create-budgets';
import { CreateBudgetLeases1796330060000 } from './1796330060000-create-budget-leases';
import { CreateBudgetKeeping1796330120000 } from './1796330120000-create-budget-keeping';
import { CreateReportIndexes1796340000000 } from './1796340000000-create-report-indexes';
import { CreateWeeklyRollups1796340060000 } from './1796340060000-create-weekly-rollups';
import { CreateAnomalies1796350000000 } from './1796350000000-create-anomalies';
import { CreateAlerts1796350060000 } from './1796350060000-create-alerts';

/** In the order they were written. Named one by one: the services are bundled, so there are no files to look for. */
export const migrations = [
  CreateLedger1795219200000,
  CreateApiKeys1795219260000,
  AddCacheSimilarity1795737600000,
  AddRouteDecision1795824000000,
  CreateControl1795910400000,
  CreateExperimentTotals1795910460000,
  CreateBatchJobs1796000000000,
  CreateBatchSubmissions1796000060000,
  AddPriceAssumptions1796100000000,
  AddJobRequestHash1796150000000,
  AddItemPlans1796200000000,
  AddItemTries1796210000000,
  CreateFiles1796210000000,
  AddItemLosses1796220000000,
  AddOpenJobsIndex1796230000000,
  AddMoneyColumns1796300000000,
  CreateRollups1796300060000,
  CreateEntries1796310000000,
  CreateStoredPrompts1796310060000,
  CreateDetailRetention1796310120000,
  UseTimescale1796310180000,
  CreateRollupMarks1796320000000,
  CreateBudgets1796330000000,
  CreateBudgetLeases1796330060000,
  CreateBudgetKeeping1796330120000,
  CreateReportIndexes1796340000000,
  CreateWeeklyRollups1796340060000,
  CreateAnomalies1796350000000,
  CreateAlerts1796350060000,
];
