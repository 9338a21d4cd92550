import {
  Metadata,
  status as GrpcStatus,
  type Client,
  type ClientReadableStream,
  type ClientWritableStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { reflectedClient } from '../doors/reflected-client';
import { doorsUnderTest, fresh } from '../doors/doors-under-test';

const doors = doorsUnderTest();

interface Status {
  job_id: string;
  kind: string;
  status: string;
  counts: { total: number; succeeded: number; failed: number };
  cost_usd: string;
  result: { text: string } | null;
}
interface Result {
  custom_id: string;
  status: string;
  error_code: string;
  reply: { text: string } | null;
}

(doors ? describe : describe.skip)('jobs over gRPC, learned by reflection', () => {
  jest.setTimeout(90_000);
  let client: Client & Record<string, CallableFunction>;
  beforeAll(async () => {
    client = await reflectedClient(doors?.grpcAddress ?? '', 'costlane.v1.InferenceService');
  });
  afterAll(() => client.close());

  const ask = (method: string, request: object): Promise<Status> =>
    new Promise((resolve, reject) =>
      client[method]?.(request, (error: ServiceError | null, status: Status) =>
        error ? reject(error) : resolve(status),
      ),
    );
  const read = async <T>(method: string, request: object): Promise<T[]> => {
    const seen: T[] = [];
    for await (const message of client[method]?.(request) as ClientReadableStream<T>) seen.push(message as T);
    return seen;
  };
  function openBatch(): { call: ClientWritableStream<object>; status: Promise<Status> } {
    let call: ClientWritableStream<object> | undefined;
    const status = new Promise<Status>((resolve, reject) => {
      call = client['SubmitBatch']?.(new Metadata(), (error: ServiceError | null, answer: Status) =>
        error ? reject(error) : resolve(answer),
      ) as ClientWritableStream<object>;
    });
    return { call: call as ClientWritableStream<object>, status };
  }

  it('answers one request later', async () => {
    const job = await ask('SubmitJob', { request: { prompt: fresh('Later, over gRPC?') } });
    expect(job).toMatchObject({ kind: 'job', result: null });
    const seen = await read<Status>('WatchJob', { job_id: job.job_id });
    expect(seen.at(-1)).toMatchObject({ status: 'completed', result: { text: expect.stringMatching(/./) } });
    expect(Number(seen.at(-1)?.cost_usd)).toBeGreaterThan(0);
    expect(await ask('GetJob', { job_id: job.job_id, wait_ms: 10 })).toMatchObject({ result: seen.at(-1)?.result });
  });

  it('takes a batch message by message, tells how it goes, and gives its results', async () => {
    const { call, status } = openBatch();
    call.write({ options: { completion_window: 'now', item_count: 101 } });
    for (let i = 0; i < 100; i += 1)
      call.write({ item: { custom_id: `c${i}`, request: { prompt: fresh(`Item ${i}?`) } } });
    call.write({ item: { custom_id: 'wrong', request: { prompt: 'x', preferred_model: 'no-such-model' } } });
    call.end();
    const { job_id: id } = await status;
    const seen = await read<Status>('WatchJob', { job_id: id });
    expect(seen.at(-1)).toMatchObject({
      kind: 'batch',
      status: 'completed',
      counts: { total: 101, succeeded: 100, failed: 1 },
    });
    const results = await read<Result>('BatchResults', { batch_id: id });
    expect(results.map(({ custom_id: name }) => name)).toEqual([
      ...Array.from({ length: 100 }, (_, i) => `c${i}`),
      'wrong',
    ]);
    expect(results[0]).toMatchObject({ status: 'succeeded', reply: { text: expect.stringMatching(/./) } });
    expect(results[100]).toMatchObject({ status: 'failed', error_code: 'model_not_found', reply: null });
  });

  it('refuses what is wrong, by its place, and what is not there', async () => {
    const { call, status } = openBatch();
    call.write({ item: { request: { prompt: 'x' } } });
    call.write({ item: { request: { prompt: 'x', max_tokens: -1 } } });
    call.end();
    await expect(status).rejects.toMatchObject({
      code: GrpcStatus.INVALID_ARGUMENT,
      details: expect.stringMatching(/^Request 1: Field "max_tokens"/),
    });
    await expect(ask('GetJob', { job_id: 'job_none' })).rejects.toMatchObject({ code: GrpcStatus.NOT_FOUND });
  });
});
