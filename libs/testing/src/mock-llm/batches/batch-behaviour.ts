const ends = ['completed', 'expired', 'failed'] as const;

/** How the mock's batches go. Unset fields leave the ordinary course: all items answered at once, results in another order. */
export interface BatchBehaviour {
  /** From the making of a batch to its end. */
  delayMs?: number;
  /** How batches end that are not cancelled. */
  endsAs?: (typeof ends)[number];
  /** Of the items, how many had been answered when a batch expired or was cancelled. */
  answered?: number;
  /** Code of the error of a batch that fails. */
  failCode?: string;
  /** Results in the order of the items. */
  isInOrder?: boolean;
  /** Every so manieth line of the results is broken JSON. */
  malformedEvery?: number;
  /** The first result comes twice. */
  isRepeating?: boolean;
  /** Breaks off the results after so many lines, for the first `cutTimes` (1) readings. */
  cutAfterLines?: number;
  cutTimes?: number;
  /** Makes so many batches without answering: the connection is closed. */
  loseAnswers?: number;
  /** As that, but nothing is made. */
  dropRequests?: number;
  /** An error answer to the next `failTimes` (1) calls. */
  status?: number;
  failTimes?: number;
  retryAfter?: number;
}

type Rule = { min: number; max: number } | 'flag' | 'word' | readonly string[];

const countRule: Rule = { min: 0, max: 1_000_000 };
const rules: Record<keyof BatchBehaviour, Rule> = {
  delayMs: { min: 0, max: 86_400_000 },
  endsAs: ends,
  answered: countRule,
  failCode: 'word',
  isInOrder: 'flag',
  malformedEvery: { min: 1, max: 1_000_000 },
  isRepeating: 'flag',
  cutAfterLines: countRule,
  cutTimes: countRule,
  loseAnswers: countRule,
  dropRequests: countRule,
  status: { min: 400, max: 599 },
  failTimes: countRule,
  retryAfter: { min: 0, max: 86_400 },
};

/** Checks a behaviour that came as JSON; the message names the field at fault. */
export function parseBatchBehaviour(
  input: unknown,
): { ok: true; value: BatchBehaviour } | { ok: false; message: string } {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { ok: false, message: 'the behaviour of batches must be a JSON object such as {"delayMs": 50}' };
  }
  for (const [key, value] of Object.entries(input)) {
    const rule = Object.hasOwn(rules, key) ? rules[key as keyof BatchBehaviour] : undefined;
    if (!rule) return { ok: false, message: `unknown "${key}"; known: ${Object.keys(rules).join(', ')}` };
    if (!fits(rule, value)) return { ok: false, message: `${key} cannot be ${JSON.stringify(value)}` };
  }
  return { ok: true, value: input };
}

function fits(rule: Rule, value: unknown): boolean {
  if (rule === 'flag') return typeof value === 'boolean';
  if (rule === 'word') return typeof value === 'string' && /^[a-z0-9_]{1,64}$/.test(value);
  if ('min' in rule) return typeof value === 'number' && value >= rule.min && value <= rule.max;
  return typeof value === 'string' && rule.includes(value);
}
