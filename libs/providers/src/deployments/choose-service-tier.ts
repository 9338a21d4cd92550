import type { Priority } from '@costlane/contracts';

export interface TierQuestion {
  /** How the provider is spoken to: `openai-compatible`, `google`, … */
  kind: string;
  /** The provider's name: of the OpenAI-compatible ones OpenAI alone has the tier. */
  provider: string;
  model: string;
  priority: Priority;
  remainingMs: number;
  /** The caller has named the deadline: then it says how much time there is, and not only for how long to try. */
  isDeadlineExplicit?: boolean;
  /** With so much time left there is time for it; 0: never. */
  flexMinMs: number;
}

/** Batch work has time by its nature; but the last minutes before its deadline must not be lost in a slow tier. */
const BATCH_MIN_MS = 120_000;

/** Models of OpenAI's with flex processing ("Flex processing" and "Pricing", read November 2026): o3, o4-mini and GPT-5 and later, but for chat, codex and pro variants. */
const openAiFlex = /^(?:o3|o4-mini|gpt-(?:[5-9]|\d\d)(?:\.\d+)?(?:-(?!chat|codex|pro)[a-z]+)?)(?:-\d{4}-\d{2}-\d{2})?$/;
/** Gemini 2.5 and later ("Flex inference", read November 2026), but for what gives out images or sound. */
const geminiFlex = /^gemini-(?:2\.5|[3-9](?:\.\d+)?)-(?!.*(?:image|tts|live|audio|embedding))/;

/**
 * `flex`, at half the price and slower, where there is time: for batch work, and for other requests whose caller has named a deadline
 * that leaves it. Undefined: the provider's standard tier.
 */
export function chooseServiceTier(question: TierQuestion): 'flex' | undefined {
  const { priority, remainingMs, isDeadlineExplicit, flexMinMs } = question;
  if (flexMinMs <= 0 || !supportsFlex(question)) return undefined;
  if (priority === 'batch') return remainingMs >= Math.min(flexMinMs, BATCH_MIN_MS) ? 'flex' : undefined;
  return isDeadlineExplicit === true && remainingMs >= flexMinMs ? 'flex' : undefined;
}

/** Anthropic offers no slower tier for single requests. */
function supportsFlex({ kind, provider, model }: TierQuestion): boolean {
  if (kind === 'google') return geminiFlex.test(model);
  return kind === 'openai-compatible' && provider === 'openai' && openAiFlex.test(model);
}

const OPEN_BRACE = 0x7b;
const KEY = '"service_tier"';

/** A request's body with the tier; undefined where it names one itself, or may do so (in a JSON text its quotes would be escaped). */
export function withServiceTier(body: Buffer, tier: string): Buffer | undefined {
  if (body.includes(KEY)) return undefined;
  const start = body.indexOf(OPEN_BRACE) + 1;
  if (start === 0) return undefined;
  return Buffer.concat([body.subarray(0, start), Buffer.from(`${KEY}:"${tier}",`), body.subarray(start)]);
}
