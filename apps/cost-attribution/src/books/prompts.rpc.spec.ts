import { credentials, type ServiceError } from '@grpc/grpc-js';
import {
  PromptServiceClient,
  PromptServiceService,
  type FindPromptReply,
  type ForgetPromptsReply,
} from '@costlane/contracts';
import { HealthRegistry, startGrpcServer } from '@costlane/platform';
import { quiet } from '../testing/test-stream';
import { createPromptsRpc } from './prompts.rpc';

type Callback<T> = (error: ServiceError | null, reply: T) => void;
const asked = <T>(call: (callback: Callback<T>) => unknown): Promise<T> =>
  new Promise((resolve, reject) => call((error, reply) => (error ? reject(error) : resolve(reply))));

describe('PromptService', () => {
  const prompts = { find: jest.fn(), forget: jest.fn(), removeExpired: jest.fn() };
  let server: Awaited<ReturnType<typeof startGrpcServer>>;
  let client: PromptServiceClient;
  beforeAll(async () => {
    const services = [{ definition: PromptServiceService, implementation: createPromptsRpc(prompts, quiet) }];
    const health = new HealthRegistry();
    server = await startGrpcServer({ host: '127.0.0.1', port: 0, logger: quiet, health, services });
    client = new PromptServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await server.close();
  });

  const find = (tenantId: string, requestId: string) =>
    asked<FindPromptReply>((done) => client.findPrompt({ tenantId, requestId }, done));

  it('finds what a tenant has kept of a request, and until when', async () => {
    const createdAt = new Date('2026-03-04T12:00:00Z');
    const expiresAt = new Date('2026-04-03T12:00:00Z');
    prompts.find.mockResolvedValue({ requestId: 'req_1', createdAt, expiresAt, text: 'words', isCut: true });
    expect(await find('acme', 'req_1')).toEqual({
      prompt: {
        requestId: 'req_1',
        createdAt: '2026-03-04T12:00:00.000Z',
        expiresAt: '2026-04-03T12:00:00.000Z',
        text: 'words',
        isCut: true,
      },
    });
    expect(prompts.find).toHaveBeenCalledWith('acme', 'req_1');
  });

  it('says that nothing is kept', async () => {
    prompts.find.mockResolvedValue(undefined);
    expect(await find('acme', 'req_2')).toEqual({ prompt: undefined });
  });

  it('removes what a tenant has', async () => {
    prompts.forget.mockResolvedValue(7);
    const reply = await asked<ForgetPromptsReply>((done) => client.forgetPrompts({ tenantId: 'acme' }, done));
    expect(reply).toEqual({ removed: 7 });
    expect(prompts.forget).toHaveBeenCalledWith('acme');
  });

  it('asks for a tenant and a request by name', async () => {
    await expect(find('', 'req_1')).rejects.toMatchObject({ code: 3, details: expect.stringContaining('tenant_id') });
    await expect(find('acme', '')).rejects.toMatchObject({ code: 3, details: expect.stringContaining('request_id') });
    const forgetAll = asked<ForgetPromptsReply>((done) => client.forgetPrompts({ tenantId: '' }, done));
    await expect(forgetAll).rejects.toMatchObject({ code: 3 });
  });
});
