import type { SensitiveSpan } from '../sensitive-span';
import { findAffixId } from './affix-ids';
import { cardRules } from './card-rules';
import { isArithmetic, precedingText, standsAlone, surroundings } from './context';
import { idRules } from './id-rules';
import { numberGroups, ShapeIndex, windowsFrom, type NumberWindow } from './number-groups';
import type { NumberRule } from './number-rule';
import { PhoneFinder, phoneRules } from './phones';
import { ssnRules } from './ssn-rules';

const rulesByShape = new Map<string, NumberRule[]>();
for (const rule of [...cardRules, ...ssnRules, ...idRules, ...phoneRules])
  for (const shape of rule.shapes) rulesByShape.set(shape, [...(rulesByShape.get(shape) ?? []), rule]);

const shapes = new ShapeIndex(rulesByShape.keys());

/** Words right before a number that say that it is something else. */
const otherNumbers =
  /(?:order|tracking|invoice|ticket|transaction|reference|ref|serial|imei|isbn|upc|ean|sku|part|build|case|account id|user id|timestamp|\bid|uuid|seed|hash|version)(?: ?(?:number|no\.?|nr\.?|num|code|id|is))?["'\s:#=]*$/;

/** Finds cards, numbers of persons and phones among the numbers of a text. `positions` as {@link scanCandidates} gives them. */
export function findNumbers(text: string, positions: readonly number[]): SensitiveSpan[] {
  const spans: SensitiveSpan[] = [];
  const phones = new PhoneFinder(text);
  for (let i = 0; i < positions.length; i += 2)
    findInNumber(text, positions[i] as number, positions[i + 1] as number, phones, spans);
  return spans;
}

function findInNumber(text: string, start: number, end: number, phones: PhoneFinder, spans: SensitiveSpan[]): void {
  const groups = numberGroups(text, start, end);
  const before = spans.length;
  for (let first = 0; first < groups.length; first++) {
    const windows = windowsFrom(text, groups, first, shapes);
    const hit = windows.find((window) => matches(text, window, spans));
    if (hit) while (groups[first + 1] && (groups[first + 1] as { end: number }).end <= hit.end) first++;
  }
  const affixed = groups.length <= 3 ? findAffixId(text, start, end, shapeOf(groups)) : undefined;
  if (affixed) spans.push(affixed);
  const phone = phones.international(start, end) ?? (spans.length === before ? phones.national(start, end) : undefined);
  if (phone) spans.push(phone);
}

const shapeOf = (groups: readonly { start: number; end: number; gap: string }[]): string =>
  groups.map(({ start, end, gap }, i) => `${i === 0 ? '' : gap}${end - start}`).join('');

/** Whether a rule takes the number; if so its span is added. */
function matches(text: string, window: NumberWindow, spans: SensitiveSpan[]): boolean {
  const { start, end, digits, shape } = window;
  if (!standsAlone(text, start, end)) return false;
  let around: string | undefined;
  for (const rule of rulesByShape.get(shape) ?? []) {
    if (!rule.isValid(digits)) continue;
    if (rule.near ? !rule.near.test((around ??= surroundings(text, start, end))) : isSomethingElse(text, start, end))
      continue;
    spans.push({ kind: rule.kind, start, end });
    return true;
  }
  return false;
}

const isSomethingElse = (text: string, start: number, end: number): boolean =>
  isArithmetic(text, start, end) || otherNumbers.test(precedingText(text, start, 28));
