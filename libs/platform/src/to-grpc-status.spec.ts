import { status } from '@grpc/grpc-js';
import { CostlaneError, errorTable } from '@costlane/domain';
import type { ErrorCode } from '@costlane/domain';
import { fromGrpcError, grpcError } from './to-grpc-status';

describe('errors over gRPC', () => {
  test('carry code, message, field and retry hint there and back', () => {
    const error = new CostlaneError('rate_limited', 'Slower.', { field: 'größe', retryAfterMs: 3_000 });
    const sent = grpcError(error);
    expect(sent).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: 'Slower.' });
    expect(sent.metadata.get('retry-after')).toEqual(['3']);
    expect(fromGrpcError(sent)).toMatchObject({
      code: 'rate_limited',
      message: 'Slower.',
      field: 'größe',
      retryAfterMs: 3_000,
    });
  });

  test.each(Object.keys(errorTable) as ErrorCode[])('%s comes back as itself', (code) => {
    expect(fromGrpcError(grpcError(new CostlaneError(code, 'm'))).code).toBe(code);
  });

  test("a status of somebody else's server becomes the nearest code", () => {
    const error = Object.assign(new Error('gone'), { code: status.UNAVAILABLE, details: 'gone' });
    expect(fromGrpcError(error).code).toBe('unavailable');
  });

  test('what is not ours leaves without its text', () => {
    expect(grpcError(new Error('password=1'))).toMatchObject({
      code: status.INTERNAL,
      details: expect.not.stringContaining('password'),
    });
  });
});
