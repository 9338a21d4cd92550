/** A number as it is written: its digits, and the lengths of its groups with what stands between them, such as `3-2-4`. */
export interface NumberWindow {
  start: number;
  end: number;
  digits: string;
  shape: string;
}

interface Group {
  start: number;
  end: number;
  /** What stands before the group, dashes and spaces of any sort as `-` and ` `. */
  gap: string;
}

const normalGap = (gap: string): string => gap.replace(/[\u2010\u2011\u2013]/g, '-').replace(/[\u00a0\u202f]/g, ' ');

/** The groups of digits between two positions. */
export function numberGroups(text: string, start: number, end: number): Group[] {
  const groups: Group[] = [];
  let previousEnd = start;
  for (let i = start; i < end; i++) {
    if (!isDigit(text, i)) continue;
    const from = i;
    while (i < end && isDigit(text, i)) i++;
    const gap = from === start ? (text[start - 1] === '(' ? '(' : '') : normalGap(text.slice(previousEnd, from));
    groups.push({ start: from, end: i, gap });
    previousEnd = i;
  }
  return groups;
}

const isDigit = (text: string, i: number): boolean => {
  const code = text.charCodeAt(i);
  return code >= 48 && code <= 57;
};

const openGap = /[ (/]$/;
const closedGap = /^[ )/]/;

/**
 * The parts of a number that are written in one of the shapes, from one group on, longest first. A part begins and ends at a space, a
 * slash, a parenthesis or the number's end: never within what dashes or points hold together.
 */
export function windowsFrom(text: string, groups: readonly Group[], first: number, shapes: ShapeIndex): NumberWindow[] {
  const windows: NumberWindow[] = [];
  const opening = groups[first] as Group;
  if (first > 0 && !openGap.test(opening.gap)) return windows;
  const isOpened = opening.gap.endsWith('(');
  let shape = isOpened ? '(' : '';
  let digits = '';
  for (let last = first; last < groups.length; last++) {
    const group = groups[last] as Group;
    shape += `${last === first ? '' : group.gap}${group.end - group.start}`;
    if (!shapes.isPrefix(shape)) break;
    digits += text.slice(group.start, group.end);
    const next = groups[last + 1];
    if (shapes.isShape(shape) && (!next || closedGap.test(next.gap)))
      windows.unshift({ start: opening.start - (isOpened ? 1 : 0), end: group.end, digits, shape });
  }
  return windows;
}

/** Knows shapes, and beginnings of shapes, so that a list of a million numbers is left at the first that fits none. */
export class ShapeIndex {
  private readonly shapes: Set<string>;
  private readonly prefixes = new Set<string>();

  constructor(shapes: Iterable<string>) {
    this.shapes = new Set(shapes);
    for (const shape of this.shapes) for (let i = 1; i <= shape.length; i++) this.prefixes.add(shape.slice(0, i));
  }

  isShape = (shape: string): boolean => this.shapes.has(shape);
  isPrefix = (shape: string): boolean => this.prefixes.has(shape);
}
