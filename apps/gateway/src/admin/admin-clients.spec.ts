import type { FeedbackRequest } from '@costlane/contracts';
import { CostlaneError } from '@costlane/domain';
import { giveFeedback } from './admin-clients';

const ofRequest: FeedbackRequest = { tenantId: 'acme', what: { $case: 'requestId', value: 'req_1' }, isWrong: true };
const ofKey: FeedbackRequest = { tenantId: 'acme', what: { $case: 'key', value: 'k' }, isWrong: false };
const away = new CostlaneError('unavailable', 'away');

function setUp(cache: { isKnown: boolean; removedEntries: number } | Error, experiments: boolean | Error) {
  const recordFeedback = jest.fn(() =>
    experiments instanceof Error ? Promise.reject(experiments) : Promise.resolve(experiments),
  );
  const tellCache = () => (cache instanceof Error ? Promise.reject(cache) : Promise.resolve(cache));
  return { recordFeedback, give: (request: FeedbackRequest) => giveFeedback(request, tellCache, { recordFeedback }) };
}

describe('feedback', () => {
  it.each([
    [{ isKnown: true, removedEntries: 1 }, true, { isKnown: true, removedEntries: 1 }],
    [{ isKnown: true, removedEntries: 1 }, false, { isKnown: true, removedEntries: 1 }],
    [{ isKnown: false, removedEntries: 0 }, true, { isKnown: true, removedEntries: 0 }],
    [{ isKnown: false, removedEntries: 0 }, false, { isKnown: false, removedEntries: 0 }],
    [{ isKnown: true, removedEntries: 1 }, away, { isKnown: true, removedEntries: 1 }],
    [away, true, { isKnown: true, removedEntries: 0 }],
  ])('is known to whom it is (cache %j, experiment %j)', async (cache, experiments, reply) => {
    const { give, recordFeedback } = setUp(cache, experiments);
    expect(await give(ofRequest)).toEqual(reply);
    expect(recordFeedback).toHaveBeenCalledWith({ tenantId: 'acme', requestId: 'req_1', value: 0 });
  });

  it('fails where nobody took it', async () => {
    await expect(setUp(away, false).give(ofRequest)).rejects.toBe(away);
    await expect(setUp(away, away).give(ofRequest)).rejects.toBe(away);
  });

  it('on a key of the cache is for the cache alone', async () => {
    const { give, recordFeedback } = setUp({ isKnown: true, removedEntries: 0 }, true);
    await give(ofKey);
    expect(recordFeedback).not.toHaveBeenCalled();
  });
});
