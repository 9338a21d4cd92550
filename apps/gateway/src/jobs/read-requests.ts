import { createHash, type Hash } from 'node:crypto';
import { CostlaneError } from '@costlane/domain';
import { encodeItemRequest, type ItemRequest } from '@costlane/contracts';
import type { NewItem } from '@costlane/ledger';
import type { SubmittedRequest, Submission } from './job-service';

/** Requests on their way into a job: each is read once, and what is remembered of it is a few bytes. */
export class RequestReader {
  private readonly ids = new Set<string>();
  private readonly hash: Hash;
  private count = 0;

  constructor(
    { kind, metadata, webhookUrl }: Submission,
    private readonly maxItems: number,
  ) {
    this.hash = createHash('sha256').update(JSON.stringify([kind, metadata ?? {}, webhookUrl ?? '']));
  }

  /** As they are stored. @throws CostlaneError `invalid_request` for an id that is there twice, or too many; what `requests` throws. */
  async *items(requests: AsyncIterable<SubmittedRequest> | Iterable<SubmittedRequest>): AsyncGenerator<NewItem> {
    for await (const { customId, request, isShared } of requests) {
      if (this.count === this.maxItems) throw tooMany(this.maxItems);
      if (customId !== undefined) this.note(customId);
      const fingerprint = fingerprintOf(request);
      this.hash.update(JSON.stringify([customId ?? null, isShared, fingerprint]));
      this.count += 1;
      yield { customId, fingerprint: isShared ? fingerprint : undefined, request: encodeItemRequest(request) };
    }
    if (this.count === 0)
      throw new CostlaneError('invalid_request', 'A job has to have at least one request.', { field: 'requests' });
  }

  /** Of all that was handed in; to be asked for at the end. */
  requestHash(): string {
    return this.hash.digest('hex');
  }

  private note(customId: string): void {
    // Sixteen bytes of each, however long they are.
    const short = createHash('sha256').update(customId).digest().toString('latin1', 0, 16);
    if (this.ids.has(short)) throw twice(this.count, customId);
    this.ids.add(short);
  }
}

/** Of everything in a request that can change its answer. */
function fingerprintOf({ endpoint, headers, body }: ItemRequest): string {
  const steering = Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([endpoint, steering]))
    .update(body)
    .digest('base64url');
}

const MAX_SHOWN = 100;

const twice = (index: number, customId: string): CostlaneError => {
  const field = `requests[${index}].custom_id`;
  const message = `Field "${field}": "${customId.slice(0, MAX_SHOWN)}" is there twice; custom ids have to be unique within a job.`;
  return new CostlaneError('invalid_request', message, { field });
};

const tooMany = (maxItems: number): CostlaneError =>
  new CostlaneError('invalid_request', `A job takes at most ${maxItems} requests (JOB_MAX_ITEMS).`, {
    field: 'requests',
  });
