import { randomBytes } from 'node:crypto';
import { CostlaneError } from '@costlane/domain';
import type { FileStore, Ledger, OpenAiBatchStore } from '@costlane/ledger';
import type { Logger, Metrics, Shutdown } from '@costlane/platform';
import type { FastifyInstance } from 'fastify';
import type { GatewayConfig } from '../config';
import type { JobService } from '../jobs/job-service';
import type { Admission } from './admission';
import { registerBatchesDoor } from './batches-door';
import { createBatchValidation, type BatchValidation } from './batches-door-validation';
import { registerFilesDoor } from './files-door';
import type { RequestControls } from './request-controls';

/** What OpenAI's batches need beside jobs. */
export interface OpenAiBatches {
  files: FileStore;
  batches: OpenAiBatchStore;
  validation: Pick<BatchValidation, 'wake'>;
}

export interface OpenBatchesDeps {
  config: GatewayConfig;
  /** Absent: there is no database. */
  ledger: Ledger | undefined;
  jobs: JobService;
  defaults: RequestControls;
  logger: Logger;
  metrics: Pick<Metrics, 'fallback'>;
  shutdown: Pick<Shutdown, 'onDrain'>;
}

/** Files and batches of OpenAI's kind in the ledger; input files are read here, in the background, until the gateway stops. */
export function openBatches({
  config,
  ledger,
  jobs,
  defaults,
  logger,
  metrics,
  shutdown,
}: OpenBatchesDeps): OpenAiBatches {
  if (ledger === undefined) return noBatches();
  const { files, openAiBatches: batches } = ledger;
  const validation = createBatchValidation({
    files,
    batches,
    jobs,
    defaults,
    logger,
    metrics,
    validator: `gateway/${randomBytes(6).toString('hex')}`,
    maxLineBytes: config.BODY_LIMIT_BYTES,
    maxItems: config.JOB_MAX_ITEMS,
  });
  validation.start();
  shutdown.onDrain('batch validation', () => validation.stop());
  return { files, batches, validation };
}

/** Refuses everything, saying which setting is missing. */
export function noBatches(): OpenAiBatches {
  const reject = async (): Promise<never> => {
    throw new CostlaneError('unavailable', 'This gateway keeps no files and batches: DATABASE_URL is not set.');
  };
  return {
    files: {
      begin: reject,
      append: reject,
      complete: reject,
      discard: reject,
      get: reject,
      list: reject,
      remove: reject,
      read: () => failing(reject),
      deleteOld: reject,
    },
    batches: {
      create: reject,
      get: reject,
      list: reject,
      cancel: reject,
      claim: reject,
      renew: reject,
      release: reject,
      submitted: reject,
      failed: reject,
      measure: reject,
      deleteOld: reject,
    },
    validation: { wake: () => undefined },
  };
}

async function* failing(reject: () => Promise<never>): AsyncGenerator<Buffer, void, undefined> {
  yield await reject();
}

export interface OpenAiBatchDoorDeps {
  admission: Admission;
  defaults: RequestControls;
  jobs: JobService;
  /** Absent: there is no database. */
  openAiBatches?: OpenAiBatches;
  /** A client that sends nothing for so long is cut off. */
  uploadIdleMs?: number;
  config: Pick<GatewayConfig, 'FILE_MAX_BYTES' | 'FILE_TENANT_MAX_BYTES' | 'FILE_RETENTION_DAYS'>;
}

const DAY_MS = 86_400_000;

/** `/v1/files` and `/v1/batches`. */
export function registerOpenAiBatchDoors(fastify: FastifyInstance, deps: OpenAiBatchDoorDeps): void {
  const { admission, defaults, jobs, config, openAiBatches = noBatches(), uploadIdleMs: idleMs } = deps;
  const door = { admission, defaults, jobs, ...openAiBatches };
  registerFilesDoor(fastify, {
    ...door,
    idleMs,
    maxFileBytes: config.FILE_MAX_BYTES,
    maxTenantBytes: config.FILE_TENANT_MAX_BYTES || undefined,
    fileRetentionMs: config.FILE_RETENTION_DAYS * DAY_MS,
  });
  registerBatchesDoor(fastify, door);
}
