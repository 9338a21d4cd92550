import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { autoModel, CostlaneError, type Experiment, type RoutingPolicy } from '@costlane/domain';
import { successEnvelope } from '@costlane/platform';
import { tenantInReach, type AdminReach } from '../auth/admin-reach';
import { readShape } from '../dialects/costlane/read-request';
import { bodyOf, type ReachFinder } from './admin-request';
import type { AdminDocument, ControlDocuments } from './control-clients';
import { newExperimentSchema, type NewExperiment } from './experiment-schema';
import { requirePricedModel } from './require-model';

export interface ExperimentsDoorDeps {
  reach: ReachFinder;
  documents: ControlDocuments;
  policy: () => RoutingPolicy | undefined;
}

const KIND = 'experiment';
/** Each request is held against each of them. */
const MAX_RUNNING = 100;
/** So that no tenant takes all the room; two that start at the same moment may go one beyond. */
const MAX_RUNNING_OF_TENANT = 20;
const ID_BYTES = 6;

/** What is kept of an experiment; the router reads what it needs of it. */
type ExperimentBody = Omit<Experiment, 'id'> & { readonly createdAt: string };

/** `POST|GET /admin/experiments`, `GET|DELETE /admin/experiments/:id`. */
export function registerExperimentsDoor(fastify: FastifyInstance, deps: ExperimentsDoorDeps): void {
  const { reach, documents, policy } = deps;

  fastify.post('/admin/experiments', async (request, reply) => {
    const within = await reach(request);
    const asked = readShape(newExperimentSchema, bodyOf(request));
    const tenantId = tenantInReach(within, asked.tenant_id);
    const isAuto = asked.model === undefined || asked.model === autoModel;
    if (!isAuto) requirePricedModel(policy(), asked.model ?? '', 'model');
    for (const [at, { model }] of asked.variants.entries())
      if (model !== undefined) requirePricedModel(policy(), model, `variants[${at}].model`);
    if (within.kind === 'tenant') await requireRoom(documents, within);
    const id = asked.id ?? `exp-${randomBytes(ID_BYTES).toString('hex')}`;
    const document = await documents.create(KIND, id, toBody(asked, tenantId), MAX_RUNNING);
    return reply.code(201).send(successEnvelope(shown(document)));
  });

  fastify.get('/admin/experiments', async (request) => {
    const within = await reach(request);
    const all = await documents.list(KIND);
    return successEnvelope({ experiments: all.filter((one) => isManagedBy(within, one)).map(shown) });
  });

  fastify.get<{ Params: { id: string } }>('/admin/experiments/:id', async (request) => {
    const within = await reach(request);
    return successEnvelope(shown(await managed(documents, within, request.params.id)));
  });

  fastify.delete<{ Params: { id: string } }>('/admin/experiments/:id', async (request) => {
    const within = await reach(request);
    const found = await managed(documents, within, request.params.id);
    // Stopped twice is stopped.
    return successEnvelope(shown(found.isDeleted ? found : await documents.remove(KIND, found.id)));
  });
}

/** An experiment that this administrator manages; another's is answered like one that does not exist. */
async function managed(documents: ControlDocuments, within: AdminReach, id: string): Promise<AdminDocument> {
  const found = await documents.get(KIND, id);
  if (found && isManagedBy(within, found)) return found;
  throw new CostlaneError('not_found', 'There is no experiment with this id.', { field: 'id' });
}

const isManagedBy = (within: AdminReach, { body }: AdminDocument): boolean =>
  within.kind === 'deployment' || body['tenantId'] === within.tenantId;

async function requireRoom(documents: ControlDocuments, within: AdminReach): Promise<void> {
  const running = (await documents.list(KIND)).filter((one) => !one.isDeleted && isManagedBy(within, one));
  if (running.length < MAX_RUNNING_OF_TENANT) return;
  const message = `${MAX_RUNNING_OF_TENANT} experiments of this tenant are running, and no more are allowed: stop one first.`;
  throw new CostlaneError('invalid_request', message);
}

function toBody(asked: NewExperiment, tenantId: string | undefined): ExperimentBody {
  const isAuto = asked.model === undefined || asked.model === autoModel;
  return {
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(asked.feature_name === undefined ? {} : { featureName: asked.feature_name }),
    ...(isAuto ? {} : { modelAsked: asked.model }),
    share: asked.share,
    variants: asked.variants.map(({ system_prompt: systemPrompt, ...variant }) => ({
      ...variant,
      ...(systemPrompt === undefined ? {} : { systemPrompt }),
    })),
    createdAt: new Date().toISOString(),
  };
}

function shown({ id, body, isDeleted, updatedAt }: AdminDocument) {
  const experiment = body as unknown as ExperimentBody;
  return {
    id,
    status: isDeleted ? 'stopped' : 'running',
    tenant_id: experiment.tenantId ?? null,
    feature_name: experiment.featureName ?? null,
    model: experiment.modelAsked ?? null,
    share: experiment.share,
    variants: experiment.variants.map(({ name, weight, model, strategy, systemPrompt }) => ({
      name,
      weight,
      model: model ?? null,
      strategy: strategy ?? null,
      system_prompt: systemPrompt ?? null,
    })),
    created_at: experiment.createdAt,
    stopped_at: isDeleted ? updatedAt : null,
  };
}
