import { CostlaneError, type ErrorCode } from '@costlane/domain';
import { createMetrics } from '@costlane/platform';
import type { CachedAnswer, FindStale } from '@costlane/response-store';
import { recordingListener, sampleDecision, sampleRequest } from '../testing/sample-request';
import { Call, type Member } from './call';
import { errorReply } from './error-reply';
import { createStaleAnswers, staleHeaders } from './stale-answers';

const kept: CachedAnswer = {
  header: {
    v: 1,
    form: 'json',
    provider: 'openai',
    modelAsked: 'm',
    modelUsed: 'm-1',
    baselineNanoUsd: 900,
    priceVersion: 'p1',
    askedAtMs: Date.now() - 7_200_500,
    createdAtMs: Date.now() - 7_200_000,
  },
  body: Buffer.from('{"n":1}'),
};

function rescueing(options: { find?: FindStale; isOutdated?: boolean } = {}) {
  const metrics = createMetrics({ service: 'spec' });
  const recorded: string[] = [];
  const asked: string[] = [];
  const stale = createStaleAnswers({
    find: (tenantId, fingerprint) => {
      asked.push(`${tenantId}/${fingerprint}`);
      return options.find ? options.find(tenantId, fingerprint) : Promise.resolve(kept);
    },
    breaker: {
      run: async (work) => {
        try {
          return { ok: true, value: await work() };
        } catch {
          return { ok: false, error: new CostlaneError('unavailable', 'no Redis') };
        }
      },
    },
    memory: { isOutdated: () => options.isOutdated === true },
    metrics,
    record: ({ requestId }, { policyVersion }, { header }) =>
      recorded.push(`${requestId} ${policyVersion} ${header.modelUsed}`),
  });
  const counted = async (): Promise<string[]> =>
    (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith('costlane_stale_answers_total{'));
  return { stale, recorded, asked, counted };
}

function callWith(...requests: Partial<Parameters<typeof sampleRequest>[0]>[]) {
  const members = requests.map((request, index) => {
    const heard = recordingListener();
    const member: Member = {
      request: sampleRequest({ requestId: `req_${index}`, ...request }),
      listener: heard.listener,
    };
    return { member, ...heard };
  });
  const call = new Call(members[0]!.member.request, sampleDecision, () => undefined);
  for (const { member } of members) call.add(member);
  return { call, members };
}
const failedWith = (code: ErrorCode) => errorReply(new CostlaneError(code, 'no'), sampleDecision);

describe('stale answers', () => {
  it('are given instead of a failure, with their age, and put on record', async () => {
    const { stale, recorded, asked, counted } = rescueing();
    const { call, members } = callWith({ acceptsStale: true });
    await stale.rescue(call, failedWith('circuit_open'));
    expect(members[0]?.heard).toEqual(['whole json {"n":1}']);
    expect(members[0]?.ends[0]).toMatchObject({
      isStale: true,
      tier: 'exact',
      ageSeconds: 7_200,
      paidNanoUsd: 0,
      savedNanoUsd: 900,
      header: { status: 200, modelUsed: 'm-1' },
    });
    expect([asked, recorded, call.members.size]).toEqual([['acme/f00'], ['req_0 1 m-1'], 0]);
    expect(await counted()).toEqual([expect.stringMatching(/reason="circuit_open".* 1$/)]);
  });

  it.each<ErrorCode>([
    'upstream_error',
    'upstream_overloaded',
    'upstream_timeout',
    'upstream_rate_limited',
    'upstream_quota_exhausted',
    'upstream_auth_failed',
    'unavailable',
    'deadline_exceeded',
  ])('hide %s', async (code) => {
    const { stale } = rescueing();
    const { call, members } = callWith({ acceptsStale: true });
    await stale.rescue(call, failedWith(code));
    expect(members[0]?.heard.length).toBe(1);
  });

  it.each<ErrorCode>([
    'invalid_request',
    'upstream_rejected',
    'context_length_exceeded',
    'cancelled',
    'model_not_found',
  ])('do not hide %s, and nothing is looked up', (code) => {
    const { stale, asked } = rescueing();
    const { call } = callWith({ acceptsStale: true });
    expect([stale.rescue(call, failedWith(code)), asked]).toEqual([undefined, []]);
  });

  it.each([{}, { acceptsStale: false }, { acceptsStale: true, useCache: false }])(
    'are not looked for where nobody takes one: %j',
    (request) => {
      const { stale, asked } = rescueing();
      expect([stale.rescue(callWith(request).call, failedWith('circuit_open')), asked]).toEqual([undefined, []]);
    },
  );

  it('go to those who take one; the others still have to hear of the failure', async () => {
    const { stale, recorded } = rescueing();
    const { call, members } = callWith({}, { acceptsStale: true }, { acceptsStale: true });
    const remote = recordingListener();
    call.add({ request: sampleRequest({ acceptsStale: true }), listener: remote.listener, isRemote: true });
    await stale.rescue(call, failedWith('circuit_open'));
    expect(members.map(({ heard }) => heard.length)).toEqual([0, 1, 1]);
    expect([remote.heard.length, call.members.size, recorded.length]).toEqual([0, 2, 2]);
  });

  it.each([
    ['there is none', { find: async () => undefined }],
    ['Redis does not answer', { find: () => Promise.reject(new Error('away')) }],
    ['it was asked before an invalidation', { isOutdated: true }],
  ])('are none where %s', async (_, options) => {
    const { stale, recorded } = rescueing(options);
    const { call, members } = callWith({ acceptsStale: true });
    await stale.rescue(call, failedWith('circuit_open'));
    expect([members[0]?.heard, recorded, call.members.size]).toEqual([[], [], 1]);
  });

  it('are not given to a call that has been settled meanwhile', async () => {
    const { call, members } = callWith({ acceptsStale: true });
    const { stale } = rescueing({
      find: async () => {
        call.fail(new CostlaneError('deadline_exceeded', 'late'));
        return kept;
      },
    });
    await stale.rescue(call, failedWith('circuit_open'));
    expect(members[0]?.heard).toEqual(['whole json deadline_exceeded']);
  });

  it('reach the others when one client cannot be told', async () => {
    const { stale } = rescueing();
    const { call, members } = callWith({ acceptsStale: true }, { acceptsStale: true });
    members[0]!.member.listener.whole = () => {
      throw new Error('gone');
    };
    await stale.rescue(call, failedWith('circuit_open'));
    expect(members[1]?.heard.length).toBe(1);
  });

  it('name themselves in headers', async () => {
    const { stale } = rescueing();
    const { call, members } = callWith({ acceptsStale: true });
    await stale.rescue(call, failedWith('circuit_open'));
    expect(staleHeaders(members[0]!.ends[0]!)).toEqual([
      'x-cache-stale',
      'true',
      'warning',
      '110 - "Response is Stale"',
    ]);
    expect(staleHeaders({ ...members[0]!.ends[0]!, isStale: false })).toEqual([]);
  });
});
