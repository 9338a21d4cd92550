// Who is in the demo: tenants, what they use models for, and when. All names are made up.

const gpt = { strong: ['openai', 'gpt-6-sol'], easy: ['openai', 'gpt-6-luna'] };
const opus = { strong: ['anthropic', 'claude-opus-5-5'], easy: ['anthropic', 'claude-sonnet-5'] };
const sonnet = { strong: ['anthropic', 'claude-sonnet-5'], easy: ['anthropic', 'claude-haiku-4-5'] };
const gemini = { strong: ['google', 'gemini-3.1-pro-preview'], easy: ['google', 'gemini-3.8-flash'] };
const command = { strong: ['cohere', 'command-a'], easy: ['cohere', 'command-r'] };

const chat = '/v1/chat/completions';
const messages = '/v1/messages';
const batch = '/v1/batch';

/**
 * A feature: its share of the tenant's requests, its models, mean tokens, and the shares of requests that are streamed, whose prompt is
 * a prefix of others, that come again word by word or in other words, that are easy, and that go through a Batch API.
 */
const feature = (name, team, share, models, [input, output], shares, endpoint = chat) => ({
  name,
  team,
  share,
  ...models,
  input,
  output,
  endpoint,
  stream: 0,
  prefix: 0,
  repeat: 0,
  near: 0,
  simple: 0,
  deferred: 0,
  ...shares,
});

/**
 * `share`: of all requests. `growth`: factor over the whole time. `weekend`: a Saturday's or Sunday's traffic against a weekday's.
 * `peakHour` in UTC; `spread`: hours around it in which most of the traffic comes. `holdout`: share of the users that are kept out of
 * optimisation.
 */
export const tenants = [
  {
    id: 'demo-alder',
    share: 0.19,
    growth: 1.5,
    weekend: 0.6,
    peakHour: 14,
    spread: 6,
    users: 40,
    holdout: 0,
    features: [
      feature('support-chat', 'support', 0.75, gpt, [5200, 320], {
        stream: 0.8,
        prefix: 0.7,
        repeat: 0.3,
        near: 0.14,
        simple: 0.6,
      }),
      feature('ticket-triage', 'operations', 0.25, gpt, [2600, 60], {
        prefix: 0.6,
        repeat: 0.12,
        near: 0.05,
        simple: 0.85,
        deferred: 0.2,
      }),
    ],
  },
  {
    id: 'demo-birch',
    share: 0.13,
    growth: 1.9,
    weekend: 0.15,
    peakHour: 15,
    spread: 4,
    users: 26,
    holdout: 0,
    features: [
      feature(
        'code-assistant',
        'engineering',
        0.8,
        opus,
        [21000, 800],
        { stream: 0.9, prefix: 0.75, repeat: 0.06, near: 0.02, simple: 0.3 },
        messages,
      ),
      feature(
        'code-review',
        'platform',
        0.2,
        opus,
        [32000, 1400],
        { prefix: 0.3, repeat: 0.05, simple: 0.2, deferred: 0.5 },
        messages,
      ),
    ],
  },
  {
    id: 'demo-cedar',
    share: 0.2,
    growth: 1.2,
    weekend: 1.35,
    peakHour: 19,
    spread: 5,
    users: 450,
    holdout: 0.1,
    features: [
      feature('product-questions', 'shop', 0.85, gemini, [2400, 260], {
        stream: 0.6,
        prefix: 0.5,
        repeat: 0.4,
        near: 0.2,
        simple: 0.8,
      }),
      feature('product-descriptions', 'catalogue', 0.15, gemini, [3300, 900], {
        prefix: 0.6,
        repeat: 0.05,
        simple: 0.7,
        deferred: 0.9,
      }),
    ],
  },
  {
    id: 'demo-hazel',
    share: 0.08,
    growth: 1.3,
    weekend: 0.1,
    peakHour: 10,
    spread: 4,
    users: 14,
    holdout: 0,
    features: [
      feature(
        'contract-questions',
        'legal',
        0.6,
        opus,
        [42000, 900],
        { stream: 0.7, prefix: 0.85, repeat: 0.08, near: 0.05, simple: 0.25 },
        messages,
      ),
      feature(
        'clause-extraction',
        'archive',
        0.4,
        opus,
        [18000, 700],
        { prefix: 0.2, repeat: 0.06, simple: 0.5, deferred: 0.8 },
        messages,
      ),
    ],
  },
  {
    id: 'demo-linden',
    share: 0.1,
    growth: 1.4,
    weekend: 0.3,
    peakHour: 8,
    spread: 3,
    users: 30,
    holdout: 0,
    features: [
      feature('report-summaries', 'finance', 0.55, gemini, [9000, 700], {
        prefix: 0.3,
        repeat: 0.2,
        near: 0.03,
        simple: 0.5,
        deferred: 0.3,
      }),
      feature('sql-assistant', 'data', 0.45, gpt, [6400, 260], {
        stream: 0.5,
        prefix: 0.85,
        repeat: 0.18,
        near: 0.1,
        simple: 0.45,
      }),
    ],
  },
  {
    id: 'demo-maple',
    share: 0.14,
    growth: 1.6,
    weekend: 0.5,
    peakHour: 16,
    spread: 4,
    users: 380,
    holdout: 0.1,
    features: [
      feature(
        'tutor',
        'learning',
        0.8,
        sonnet,
        [4200, 520],
        { stream: 0.95, prefix: 0.65, repeat: 0.18, near: 0.14, simple: 0.55 },
        messages,
      ),
      feature(
        'grading',
        'assessment',
        0.2,
        sonnet,
        [6000, 350],
        { prefix: 0.6, repeat: 0.04, simple: 0.6, deferred: 0.85 },
        messages,
      ),
    ],
  },
  {
    id: 'demo-rowan',
    share: 0.1,
    growth: 1.1,
    weekend: 0.2,
    peakHour: 9,
    spread: 5,
    users: 60,
    holdout: 0,
    features: [
      feature('knowledge-search', 'intranet', 0.85, gpt, [11000, 380], {
        stream: 0.7,
        prefix: 0.3,
        repeat: 0.25,
        near: 0.18,
        simple: 0.6,
      }),
      feature('meeting-notes', 'office', 0.15, gemini, [26000, 1100], { repeat: 0.02, simple: 0.5, deferred: 0.6 }),
    ],
  },
  {
    id: 'demo-willow',
    share: 0.06,
    growth: 0.9,
    weekend: 0.8,
    peakHour: 3,
    spread: 6,
    users: 18,
    holdout: 0,
    features: [
      feature('translation', 'localisation', 0.6, command, [1800, 1500], {
        stream: 0.3,
        prefix: 0.2,
        repeat: 0.22,
        near: 0.03,
        simple: 0.7,
      }),
      feature('moderation', 'trust', 0.4, gpt, [2600, 30], { prefix: 0.8, repeat: 0.14, near: 0.05, simple: 0.9 }),
    ],
  },
];

export const batchEndpoint = batch;
export const tenantIds = tenants.map(({ id }) => id);
