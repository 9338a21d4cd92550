// What happens in the demo beside the usual: experiments, and what goes wrong on purpose.

/** Users split by a hash of their name; `from` and `to` are shares of the time. */
export const experiments = [
  {
    id: 'demo-tutor-model',
    tenantId: 'demo-maple',
    featureName: 'tutor',
    from: 0.4,
    to: 0.85,
    isRunning: false,
    variants: [
      { name: 'usual', weight: 1 },
      { name: 'smaller-model', weight: 1, model: 'claude-haiku-4-5' },
    ],
  },
  {
    id: 'demo-shorter-answers',
    tenantId: 'demo-alder',
    featureName: 'support-chat',
    from: 0.6,
    to: 1,
    isRunning: true,
    // The instruction makes answers shorter, and now and then a request fails for it.
    variants: [
      { name: 'usual', weight: 1 },
      { name: 'brief', weight: 1, systemPrompt: 'Answer in three sentences at the most.', outputFactor: 0.6 },
    ],
  },
];

/**
 * What goes wrong, on purpose: `daysAgo` before the end (0: `startHour` counts from the end itself), for `hours`. It adds `factor` times the
 * tenant's usual requests, which are as `changes` say; with `isForAll` the usual requests of the feature are so, too.
 */
export const injectedAnomalies = [
  {
    kind: 'runaway loop of one user',
    tenantId: 'demo-alder',
    feature: 'support-chat',
    user: 7,
    daysAgo: 67,
    startHour: 21,
    hours: 3,
    factor: 36,
    changes: { isRepeatFree: true, isHard: true, inputFactor: 2 },
  },
  {
    kind: 'prompts grew twelvefold',
    tenantId: 'demo-linden',
    feature: 'sql-assistant',
    daysAgo: 49,
    startHour: 7,
    hours: 9,
    factor: 14,
    isForAll: true,
    changes: { inputFactor: 12, isHard: true },
  },
  {
    kind: 'a dear model swapped in',
    tenantId: 'demo-rowan',
    feature: 'knowledge-search',
    daysAgo: 32,
    startHour: 8,
    hours: 10,
    factor: 10,
    isForAll: true,
    changes: { model: ['openai', 'gpt-6-astra'] },
  },
  {
    kind: 'cache switched off in a sale',
    tenantId: 'demo-cedar',
    feature: 'product-questions',
    daysAgo: 23,
    startHour: 12,
    hours: 12,
    factor: 14,
    isForAll: true,
    changes: { isRepeatFree: true, isHard: true, inputFactor: 2 },
  },
  {
    kind: 'a leaked key at night',
    tenantId: 'demo-willow',
    feature: 'translation',
    user: 'stranger',
    daysAgo: 12,
    startHour: 22,
    hours: 4,
    factor: 90,
    changes: { isRepeatFree: true, isHard: true, inputFactor: 2 },
  },
  {
    kind: 'retries of failing requests',
    tenantId: 'demo-maple',
    feature: 'tutor',
    daysAgo: 6,
    startHour: 15,
    hours: 2,
    factor: 80,
    changes: { errorRate: 0.6, isRepeatFree: true, isHard: true, inputFactor: 4 },
  },
  {
    kind: 'an archive run again by day',
    tenantId: 'demo-hazel',
    feature: 'clause-extraction',
    user: 2,
    daysAgo: 0,
    startHour: -5,
    hours: 5,
    factor: 24,
    changes: { isRepeatFree: true, isDirect: true },
  },
];
