import { controlsFromHeaders, defaultControls } from './request-controls';

const defaults = defaultControls({
  isCacheEnabled: true,
  isSemanticEnabled: true,
  cacheTtlSeconds: 60,
  requestTimeoutMs: 5_000,
});

describe('headers that steer a request', () => {
  it('leave the defaults as they are when there are none', () => {
    expect(controlsFromHeaders({ accept: '*/*' }, defaults)).toBe(defaults);
  });

  it('set what they name', () => {
    const headers = {
      'idempotency-key': 'k',
      'x-costlane-cache-ttl-seconds': '7',
      'x-costlane-cache-tag': 'faq',
      'x-costlane-priority': 'express',
      'x-costlane-deadline-ms': '900',
      'x-costlane-feature': 'f',
      'x-costlane-experiment': 'e',
      'x-costlane-user': 'u',
      'x-costlane-quality': 'high',
      'x-costlane-task-type': 'code',
      'x-costlane-user-tier': 'free',
      'x-costlane-semantic-cache': 'false',
      'x-costlane-min-similarity': '0.97',
    };
    expect(controlsFromHeaders(headers, defaults)).toEqual({
      useCache: true,
      useSemanticCache: false,
      minSimilarity: 0.97,
      cacheTtlSeconds: 7,
      cacheTag: 'faq',
      priority: 'express',
      deadlineMs: 900,
      isDeadlineExplicit: true,
      quality: 'high',
      taskType: 'code',
      userTier: 'free',
      idempotencyKey: 'k',
      featureName: 'f',
      experimentId: 'e',
      userId: 'u',
    });
  });

  it.each([
    [{ 'x-costlane-use-cache': 'false' }],
    [{ 'cache-control': 'no-cache' }],
    [{ 'cache-control': 'max-age=0, no-store' }],
  ])('turn the cache off with %j', (headers) => expect(controlsFromHeaders(headers, defaults).useCache).toBe(false));

  it('do not turn on a cache that the deployment has turned off', () => {
    const off = { ...defaults, useCache: false, useSemanticCache: false };
    const headers = { 'x-costlane-use-cache': 'true', 'x-costlane-semantic-cache': 'true' };
    expect(controlsFromHeaders(headers, off)).toMatchObject({ useCache: false, useSemanticCache: false });
  });

  it.each([
    ['x-costlane-use-cache', 'maybe'],
    ['x-costlane-cache-ttl-seconds', '0'],
    ['x-costlane-cache-ttl-seconds', 'an hour'],
    ['x-costlane-semantic-cache', 'no'],
    ['x-costlane-min-similarity', '1.1'],
    ['x-costlane-min-similarity', ''],
    ['x-costlane-min-similarity', 'high'],
    ['x-costlane-deadline-ms', '-1'],
    ['x-costlane-deadline-ms', '1.5'],
    ['x-costlane-priority', 'urgent'],
    ['idempotency-key', 'k'.repeat(257)],
  ])('are refused by name when wrong: %s: %s', (name, value) => {
    expect(() => controlsFromHeaders({ [name]: value }, defaults)).toThrow(
      expect.objectContaining({ code: 'invalid_request', field: name }),
    );
  });
});
