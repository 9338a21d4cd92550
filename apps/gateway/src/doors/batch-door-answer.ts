import { formatUsd, nanoUsd } from '@costlane/domain';
import type { BatchJob } from '@costlane/ledger';
import { successEnvelope } from '@costlane/platform';
import type { FastifyReply } from 'fastify';
import type { JobService } from '../jobs/job-service';
import { batchDocument, isOver, resultLine } from './jobs-door-documents';

/** What goes into one answer; more is read from `results_url`. */
const MAX_INLINE_ITEMS = 1_000;
const MAX_INLINE_BYTES = 8 * 1024 * 1024;

/** 200 with all results where the batch has ended and they are not too many, else what there is to say, with 202 while it runs. */
export async function answerWaiting(jobs: JobService, job: BatchJob, reply: FastifyReply): Promise<FastifyReply> {
  if (!isOver(job)) return reply.code(202).send(successEnvelope(batchDocument(job)));
  const lines = await resultsOf(jobs, job);
  const document = JSON.stringify(batchDocument(job)).slice(0, -1);
  const results = lines === undefined ? [Buffer.from('null')] : [Buffer.from('['), ...between(lines), Buffer.from(']')];
  const body = Buffer.concat([
    Buffer.from(`{"success":true,"data":${document},"results":`),
    ...results,
    Buffer.from('},"error":null}'),
  ]);
  return reply
    .type('application/json')
    .header('x-cost-usd', formatUsd(nanoUsd(job.costNanoUsd)))
    .send(body);
}

/** Undefined: too many. */
async function resultsOf(jobs: JobService, { tenantId, jobId, counts }: BatchJob): Promise<Buffer[] | undefined> {
  if (counts.total > MAX_INLINE_ITEMS) return undefined;
  const lines: Buffer[] = [];
  let sizeBytes = 0;
  for await (const page of jobs.items(tenantId, jobId)) {
    for (const item of page) {
      const line = resultLine(item);
      sizeBytes += line.length;
      if (sizeBytes > MAX_INLINE_BYTES) return undefined;
      lines.push(line);
    }
  }
  return lines;
}

const COMMA = Buffer.from(',');
const between = (lines: readonly Buffer[]): Buffer[] => lines.flatMap((line, i) => (i === 0 ? [line] : [COMMA, line]));
