import {
  descriptorSetBase64,
  GetJobRequest,
  InferenceServiceClient,
  InferenceServiceService,
  SubmitBatchRequest,
  SubmitJobRequest,
  type BatchResult,
  type JobStatus,
} from '@costlane/contracts';
import { HealthRegistry, startGrpcServer, type GrpcServer } from '@costlane/platform';
import { waitFor } from '@costlane/testing';
import {
  credentials,
  Metadata,
  status as GrpcStatus,
  type ClientReadableStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { describeWithPostgres, startJobsFixture, type JobsFixture } from '../testing/jobs-fixture';
import { silent, testGateway } from '../testing/test-gateway';
import { createGrpcDoor } from './grpc-door';

const reply = {
  request_id: 'r1',
  text: 'Because.',
  model_used: 'm',
  provider: 'p',
  usage: null,
  cost_usd: 0.5,
  savings_usd: null,
  cache_info: { hit: false, tier: 'miss', similarity: null, probability: null, age_seconds: null, tokens_saved: 0 },
  routing_decision: { strategy: 's', route: 'p/m', complexity: null, tier: 't', reason: 'r', candidates: [] },
  latency_ms: 1,
};
const envelope = JSON.stringify({ success: true, data: reply, error: null });

describeWithPostgres('jobs over gRPC', () => {
  let fixture: JobsFixture;
  let gateway: ReturnType<typeof testGateway>;
  let server: GrpcServer;
  let client: InferenceServiceClient;
  beforeAll(async () => {
    fixture = await startJobsFixture();
    gateway = testGateway({ jobs: fixture.jobs });
    server = await startGrpcServer({
      host: '127.0.0.1',
      port: 0,
      logger: silent,
      health: new HealthRegistry(),
      services: [{ definition: InferenceServiceService, implementation: createGrpcDoor(gateway) }],
      reflectionDescriptorSet: Buffer.from(descriptorSetBase64, 'base64'),
    });
    client = new InferenceServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await server.close({ graceMs: 0 });
    await fixture.close();
  });

  const refOf = ({ jobId }: JobStatus) => ({ tenantId: 'default', jobId });
  const submitJob = (prompt: string, options = {}): Promise<JobStatus> =>
    new Promise((resolve, reject) =>
      client.submitJob(SubmitJobRequest.fromPartial({ request: { prompt }, options }), (error, job) =>
        error ? reject(error) : resolve(job),
      ),
    );
  const getJob = (jobId: string, waitMs?: number): Promise<JobStatus> =>
    new Promise((resolve, reject) =>
      client.getJob(GetJobRequest.fromPartial({ jobId, waitMs }), (error, job) =>
        error ? reject(error) : resolve(job),
      ),
    );
  function openBatch() {
    let finish: (outcome: { job?: JobStatus; error?: ServiceError }) => void;
    const ended = new Promise<{ job?: JobStatus; error?: ServiceError }>((resolve) => (finish = resolve));
    const call = client.submitBatch(new Metadata(), (error, job) => finish(error ? { error } : { job }));
    call.on('error', () => undefined);
    const item = (prompt: string, customId = '', over = {}): void =>
      void call.write(
        SubmitBatchRequest.fromPartial({
          message: { $case: 'item', value: { customId, request: { prompt, ...over } } },
        }),
      );
    const options = (value: object): void =>
      void call.write(SubmitBatchRequest.fromPartial({ message: { $case: 'options', value } }));
    return { call, item, options, ended };
  }
  const batchOf = async (count: number): Promise<JobStatus> => {
    const { call, item, ended } = openBatch();
    for (let i = 0; i < count; i += 1) item(`p${i}`, `c${i}`);
    call.end();
    return (await ended).job as JobStatus;
  };
  const read = async <T>(call: ClientReadableStream<T>): Promise<T[]> => {
    const seen: T[] = [];
    for await (const message of call as AsyncIterable<T>) seen.push(message);
    return seen;
  };

  it('takes one request, and gives the reply when it is there', async () => {
    const job = await submitJob('Why?', { completionWindow: '1h', idempotencyKey: 'k' });
    expect(job).toMatchObject({ jobId: expect.stringMatching(/^job_/), kind: 'job', status: 'queued', finishedAt: '' });
    expect((await submitJob('Why?', { idempotencyKey: 'k' })).jobId).toBe(job.jobId);
    await expect(submitJob('How?', { idempotencyKey: 'k' })).rejects.toMatchObject({
      code: GrpcStatus.FAILED_PRECONDITION,
    });
    const waiting = getJob(job.jobId, 20_000);
    await fixture.end(refOf(job), { 0: envelope });
    expect(await waiting).toMatchObject({
      status: 'completed',
      costUsd: '0.000001000',
      result: { text: 'Because.', costUsd: '0.500000000' },
      resultJson: '',
    });
  });

  it('is told of a job each time that it moves, until it has ended', async () => {
    const batch = await batchOf(2);
    const call = client.watchJob({ jobId: batch.jobId });
    const seen: JobStatus[] = [];
    call.on('data', (job: JobStatus) => void seen.push(job));
    const ended = new Promise((resolve) => call.on('end', resolve));
    await waitFor(() => seen.length === 1);
    await fixture.end(refOf(batch), { 1: envelope });
    await waitFor(() => seen.at(-1)?.counts?.succeeded === 1);
    await fixture.end(refOf(batch), { 0: envelope });
    await ended;
    expect(seen[0]).toMatchObject({ status: 'queued', counts: { total: 2, pending: 2 } });
    expect(seen.at(-1)).toMatchObject({ status: 'completed', counts: { succeeded: 2, pending: 0 } });
  });

  it('takes a batch message by message, its options first', async () => {
    const { call, item, options, ended } = openBatch();
    options({ itemCount: 3, completionWindow: '2h', metadata: { run: '7' } });
    item('a', 'x');
    item('a', 'y');
    item('b');
    call.end();
    const { job } = await ended;
    expect(job).toMatchObject({ kind: 'batch', counts: { total: 3 }, duplicates: 1 });
    expect(await fixture.jobs.get('default', job?.jobId ?? '')).toMatchObject({
      metadata: { run: '7' },
      completionWindowMs: 7_200_000,
    });
  });

  it('streams results by their state, from any one on', async () => {
    const batch = await batchOf(4);
    await fixture.end(refOf(batch), { 0: envelope, 1: '{"id":"chatcmpl"}' });
    await fixture.end(
      refOf(batch),
      { 2: '{"success":false,"data":null,"error":"No."}' },
      { state: 'failed', isDead: true },
    );
    const results = (request: object): Promise<BatchResult[]> =>
      read(client.batchResults({ batchId: batch.jobId, status: '', fromIndex: 0, ...request }));
    expect(await results({})).toMatchObject([
      { customId: 'c0', status: 'succeeded', httpStatus: 200, reply: { text: 'Because.' }, costUsd: '0.000001000' },
      { customId: 'c1', reply: undefined, resultJson: '{"id":"chatcmpl"}' },
      { customId: 'c2', status: 'failed', errorCode: 'invalid_request', error: 'No.', canRetry: true },
    ]);
    expect((await results({ status: 'dead' })).map(({ index }) => index)).toEqual([2]);
    expect((await results({ fromIndex: 1, status: 'succeeded' })).map(({ index }) => index)).toEqual([1]);
    await expect(results({ status: 'odd' })).rejects.toMatchObject({ code: GrpcStatus.INVALID_ARGUMENT });
  });

  it.each([
    [
      'a wrong field, by its place',
      (b: ReturnType<typeof openBatch>) => (b.item('a'), b.item('b', '', { maxTokens: -1 })),
      /^Request 1: Field "max_tokens"/,
    ],
    ['options in the middle', (b: ReturnType<typeof openBatch>) => (b.item('a'), b.options({})), /first/],
    ['an id twice', (b: ReturnType<typeof openBatch>) => (b.item('a', 'x'), b.item('b', 'x')), /twice/],
    [
      'another number than was said',
      (b: ReturnType<typeof openBatch>) => (b.options({ itemCount: 2 }), b.item('a')),
      /"item_count": says 2, and 1 came/,
    ],
    ['nothing', () => undefined, /at least one/],
    [
      'an odd window',
      (b: ReturnType<typeof openBatch>) => b.options({ completionWindow: 'soon' }),
      /completion_window/,
    ],
  ])('refuses %s in a batch, and keeps nothing of it', async (_name, send, message) => {
    const open = openBatch();
    send(open);
    open.call.end();
    const { error } = await open.ended;
    expect(error?.details).toMatch(message);
    expect([error?.code, error?.metadata.get('x-error-code')[0]]).toEqual([
      GrpcStatus.INVALID_ARGUMENT,
      'invalid_request',
    ]);
    expect(gateway.events.refused.at(-1)).toEqual({ endpoint: 'grpc:SubmitBatch', code: 'invalid_request' });
    expect(await unsealed()).toEqual([]);
  });

  it('keeps nothing of a batch that is broken off', async () => {
    const { call, item, ended } = openBatch();
    const before = fixture.begun.length;
    item('a');
    await waitFor(() => fixture.begun.length > before);
    call.cancel();
    expect((await ended).error?.code).toBe(GrpcStatus.CANCELLED);
    await waitFor(async () => (await unsealed()).length === 0);
    expect(await fixture.store.get(fixture.begun.at(-1) ?? { tenantId: '', jobId: '' })).toBeUndefined();
    await waitFor(() => gateway.events.refused.at(-1)?.code === 'cancelled');
  });

  it('knows no job of another tenant, and none that is not there', async () => {
    const request = {
      v: 1 as const,
      endpoint: '/v1/inference',
      caller: { tenantId: 'globex', role: 'member' as const },
    };
    const item = { isShared: true, request: { ...request, headers: {}, body: Buffer.from('{}') } };
    const theirs = await fixture.jobs.submit({ tenantId: 'globex', kind: 'batch' }, [item]);
    for (const jobId of [theirs.jobId, 'job_none', '']) {
      const missing = { code: GrpcStatus.NOT_FOUND };
      await expect(getJob(jobId)).rejects.toMatchObject(missing);
      await expect(read(client.watchJob({ jobId }))).rejects.toMatchObject(missing);
      await expect(read(client.batchResults({ batchId: jobId, status: '', fromIndex: 0 }))).rejects.toMatchObject(
        missing,
      );
    }
    await expect(getJob('job_none', -1)).rejects.toMatchObject({ code: GrpcStatus.INVALID_ARGUMENT });
  });

  it('refuses a job without a request, by the missing field', async () => {
    const empty = new Promise((_, reject) => client.submitJob(SubmitJobRequest.fromPartial({}), reject));
    await expect(empty).rejects.toMatchObject({
      code: GrpcStatus.INVALID_ARGUMENT,
      details: expect.stringContaining('prompt'),
    });
  });

  async function unsealed(): Promise<unknown[]> {
    const found = await Promise.all(fixture.begun.map((ref) => fixture.store.get(ref)));
    return found.filter((job) => job !== undefined && job.sealedAtMs === undefined);
  }
});
