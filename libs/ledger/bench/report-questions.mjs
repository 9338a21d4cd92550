// What reports are asked: each of them as it comes by default, over all 90 days, and where it has most rows to look at.

const quarter = { from: '2026-08-30', to: '2026-11-28' };
const month = { from: '2026-10-29', to: '2026-11-28' };
const withinDays = { from: '2026-10-29T07:00:00Z', to: '2026-11-27T19:00:00Z' };
const groupings = [
  'user',
  'team',
  'tenant',
  'feature',
  'key',
  'model',
  'provider',
  'endpoint',
  'experiment',
  'tier',
  'arm',
];

const ask = (report, parameters = {}, more = {}) => ({
  name: `${report} ${Object.entries(parameters)
    .map(([name, value]) => (name === 'to' ? '' : name === 'from' ? nameOf(parameters) : value))
    .filter(Boolean)
    .join(' ')}`.trim(),
  report,
  parameters,
  ...more,
});
const nameOf = ({ from, to }) =>
  from === withinDays.from ? 'from 07:00' : `${(Date.parse(to) - Date.parse(from)) / 86_400_000} days`;

export const questions = [
  ask('summary'),
  ask('summary', { from: '2026-10-14', to: '2026-11-28' }),
  ...groupings.map((group_by) => ask('costs', { group_by })),
  ...groupings.map((group_by) => ask('costs', { group_by, ...quarter })),
  ask('costs', { group_by: 'user', order: 'savings' }),
  ask('costs', { group_by: 'user', limit: '1000' }),
  ask('costs', { group_by: 'user', interval: 'day' }),
  ask('costs', { group_by: 'model', interval: 'day', ...quarter }),
  ask('costs', { group_by: 'model', interval: 'hour', from: '2026-11-21', to: '2026-11-28' }),
  ask('costs', { group_by: 'user', interval: 'hour', from: '2026-11-21', to: '2026-11-28' }),
  ask('costs', { group_by: 'user', ...withinDays }),
  ask('savings'),
  ask('savings', { interval: 'day', ...quarter }),
  ask('roi'),
  ask('roi', { group_by: 'experiment', ...quarter }),
  ask('forecast'),
  ask('forecast', { group_by: 'user', value: 'user-1-3' }, { isOfTenants: true }),
  ask('unit-economics'),
  ask('unit-economics', { ...quarter }),
  ask('unit-economics', { interval: 'hour', from: '2026-11-21', to: '2026-11-28' }),
  ask('movers'),
  ask('movers', { group_by: 'model' }),
  ask('what-if'),
  ask('what-if', { interval: 'hour', from: '2026-10-29', to: '2026-11-28' }),
  ask('focus page', { detail: 'model', ...month }),
  ask('focus page', { detail: 'user', ...month }),
];
