import type { ExperimentServiceServer } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import type { ControlStore, ExperimentStore } from '@costlane/ledger';
import type { Logger } from '@costlane/platform';
import { unary } from '../grpc/unary';
import { readExperiment } from './read-experiment';
import { renderReport } from './render-report';

const NAME_LIMIT = 200;

/** gRPC edge of what experiments have shown: `ExperimentService`. */
export function createExperimentsController(options: {
  control: Pick<ControlStore, 'get'>;
  experiments: ExperimentStore;
  logger: Logger;
}): ExperimentServiceServer {
  const { control, experiments, logger } = options;
  return {
    report: unary(logger, async ({ id, tenantId: asked }) => {
      const document = await control.get('experiment', readName('id', id));
      if (!document) throw new CostlaneError('not_found', 'There is no experiment with this id.', { field: 'id' });
      const tenantId = asked === '' ? undefined : readName('tenant_id', asked);
      const totals = await experiments.totals(id, { tenantId });
      return { json: JSON.stringify(renderReport(readExperiment(document), totals, tenantId)) };
    }),
    recordFeedback: unary(logger, async ({ tenantId, requestId, value }) => {
      if (!(value >= 0 && value <= 1))
        throw new CostlaneError('invalid_request', 'value must lie between 0 and 1.', { field: 'value' });
      const feedback = {
        tenantId: readName('tenant_id', tenantId),
        requestId: readName('request_id', requestId),
        value,
      };
      return { isKnown: await experiments.recordFeedback(feedback) };
    }),
  };
}

function readName(field: string, name: string): string {
  if (name !== '' && name.length <= NAME_LIMIT && !name.includes('\0')) return name;
  throw new CostlaneError('invalid_request', `${field} must be 1 to ${NAME_LIMIT} characters.`, { field });
}
