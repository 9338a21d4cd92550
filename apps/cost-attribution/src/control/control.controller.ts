import type { ControlDocument, ControlServiceServer } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { ControlStore, PutOutcome, StoredControl } from '@costlane/ledger';
import type { Logger } from '@costlane/platform';
import { unary } from '../grpc/unary';
import { readId, readKind, readPut } from './read-control';

/** Documents in one answer to who follows; with their largest size below what a message may hold. */
const PAGE = 200;

/** gRPC edge of the administrators' documents: `ControlService`. */
export function createControlController(control: ControlStore, logger: Logger): ControlServiceServer {
  return {
    put: unary(logger, async (request) => {
      const document = storedOf(await control.put(readPut(request)));
      logger.info({ kind: document.kind, id: document.id, version: document.version }, 'control document put');
      return toMessage(document);
    }),
    remove: unary(logger, async ({ kind, id }) => {
      const removed = await control.remove(readKind(kind), readId(id));
      if (!removed) throw new CostlaneError('not_found', `There is no ${kind} with this id.`, { field: 'id' });
      logger.info({ kind, id, version: removed.version }, 'control document removed');
      return toMessage(removed);
    }),
    get: unary(logger, async ({ kind, id }) => {
      const found = await control.get(readKind(kind), readId(id));
      return { document: found && toMessage(found) };
    }),
    list: unary(logger, async ({ kind, withDeleted }) => ({
      documents: (await control.list(readKind(kind), { withDeleted })).map(toMessage),
    })),
    changed: unary(logger, async ({ sinceVersion }) => {
      const documents = await control.changedSince(sinceVersion, PAGE);
      // Asked for only where it may say something: with documents there is a version above the reader's.
      const latestVersion = documents.at(-1)?.version ?? (await control.latestVersion());
      return { documents: documents.map(toMessage), latestVersion };
    }),
  };
}

function storedOf(outcome: PutOutcome): StoredControl {
  switch (outcome.kind) {
    case 'stored':
      return outcome.document;
    case 'id-was-used':
      throw new CostlaneError('invalid_request', 'id was used before; take another one.', { field: 'id' });
    case 'too-many': {
      const message = `There are ${outcome.maxLive} of this kind, and no more are allowed: remove one first.`;
      throw new CostlaneError('invalid_request', message);
    }
  }
}

const toMessage = ({ kind, id, body, version, isDeleted, updatedAt }: StoredControl): ControlDocument => ({
  kind,
  id,
  json: JSON.stringify(body),
  version,
  isDeleted,
  updatedAt: updatedAt.toISOString(),
});
