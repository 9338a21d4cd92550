import type { FeedbackReply, FeedbackRequest } from '@costlane/contracts';
import { createLogger } from '@costlane/platform';
import { createSemanticController } from './semantic.controller';

describe('the gRPC edge of a semantic tier that is switched off', () => {
  const invalidated: unknown[] = [];
  const store = { invalidate: async (message: unknown) => invalidated.push(message) };
  const controller = createSemanticController(undefined, store, createLogger({ service: 'spec', level: 'silent' }));
  const give = (what: FeedbackRequest['what']): Promise<FeedbackReply | undefined> =>
    new Promise((resolve, reject) =>
      controller.feedback({ request: { tenantId: 'acme', what, isWrong: true } } as never, (error, reply) =>
        error ? reject(error) : resolve(reply ?? undefined),
      ),
    );

  it('still throws away what users say is wrong, where they name its key', async () => {
    expect(await give({ $case: 'key', value: 'a1' })).toEqual({ isKnown: true, removedEntries: 1 });
    expect(invalidated).toEqual([{ kind: 'cache', tenantId: 'acme', key: 'a1' }]);
  });

  it('refuses what only the tier could know', async () => {
    await expect(give({ $case: 'requestId', value: 'req_1' })).rejects.toThrow('switched off');
  });
});
