import type { SensitiveSpan } from '../sensitive-span';
import { findAffixId } from './affix-ids';
import { cardRules } from './card-rules';
import { isArithmetic, precedingText, standsAlone, surroundings } from './context';
import { idRules } from './id-rules';
import { numberGroups, ShapeIndex, windowsFrom, type NumberWindow } from './number-groups';
import type { NumberRule } from './number-rule';
import { PhoneFinder, phoneRules } from './phones';
import { ssnRules } from './ssn-rules';

/** The rules of a shape: those that need no word nearby, those that do, and all words of the latter in one pattern. */
interface ShapeRules {
  plain: NumberRule[];
  named: NumberRule[];
  words: RegExp | undefined;
}

function collectRules(rules: readonly NumberRule[]): Map<string, ShapeRules> {
  const byShape = new Map<string, ShapeRules>();
  for (const shape of new Set(rules.flatMap((rule) => rule.shapes))) {
    const ofShape = rules.filter((rule) => rule.shapes.includes(shape));
    const named = ofShape.filter((rule) => rule.near);
    const words = named.length > 0 ? new RegExp(named.map((rule) => rule.near?.source).join('|')) : undefined;
    byShape.set(shape, { plain: ofShape.filter((rule) => !rule.near), named, words });
  }
  return byShape;
}

const rulesByShape = collectRules([...cardRules, ...ssnRules, ...idRules, ...phoneRules]);
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
  const rules = rulesByShape.get(shape);
  if (!rules || !standsAlone(text, start, end)) return false;
  const rule =
    rules.plain.find(({ isValid }) => isValid(digits) && !isSomethingElse(text, start, end)) ??
    findNamed(rules, digits, text, start, end);
  if (rule) spans.push({ kind: rule.kind, start, end });
  return rule !== undefined;
}

/** The words are looked for before any check digits: most numbers have none of them nearby, and the checks of dates cost more. */
function findNamed(
  { named, words }: ShapeRules,
  digits: string,
  text: string,
  start: number,
  end: number,
): NumberRule | undefined {
  if (!words) return undefined;
  const around = surroundings(text, start, end);
  if (!words.test(around)) return undefined;
  return named.find(({ near, isValid }) => near?.test(around) && isValid(digits));
}

const isSomethingElse = (text: string, start: number, end: number): boolean =>
  isArithmetic(text, start, end) || otherNumbers.test(precedingText(text, start, 28));
