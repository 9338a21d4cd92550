import { parseAuthored } from './authored-pairs';
import { balanceSources } from './balance-sources';
import { parsePairs } from './labelled-pair';
import { samplePairs } from './sample-pairs';

test('pairs come with their source and weight, or with the usual ones', () => {
  const text = '{"a":"x","b":"y","same":true}\n\n{"a":"x","b":"z","same":false,"source":"audit","weight":3}\n';
  expect(parsePairs(text, 'pairs.jsonl')).toEqual([
    { a: 'x', b: 'y', same: true, source: 'pairs', weight: 1 },
    { a: 'x', b: 'z', same: false, source: 'audit', weight: 3 },
  ]);
});

test.each([
  ['{"a":"x"', 'pairs.jsonl:2: not a JSON object on one line'],
  ['[]', 'pairs.jsonl:2: expected a JSON object'],
  ['{"a":"x","b":"","same":true}', 'pairs.jsonl:2: "b" must be a text'],
  ['{"a":"x","b":"y","same":"yes"}', 'pairs.jsonl:2: "same" must be true or false'],
  ['{"a":"x","b":"y","same":true,"weight":-1}', 'pairs.jsonl:2: "weight" must be a number above 0'],
])('a bad line is refused by file, line and field: %s', (line, message) => {
  expect(() => parsePairs(`{"a":"x","b":"y","same":true}\n${line}`, 'pairs.jsonl')).toThrow(message);
});

test('a file without pairs is refused', () => {
  expect(() => parsePairs('\n\n', 'empty.jsonl')).toThrow('empty.jsonl: no pairs');
});

const block = ['# about phones', '= a1', '= a2', '! b', '! c', '', '= d1', '= d2', '! e'].join('\n');

test('a block gives its wordings as same, and near misses as different from them and from the next one', () => {
  const all = [...parseAuthored(block, 'f', 's', 'training'), ...parseAuthored(block, 'f', 's', 'held-out')];
  const tell = all.map(({ a, b, same }) => `${a} ${same ? '=' : '!'} ${b}`).sort();
  expect(tell).toEqual(['a1 ! b', 'a1 ! c', 'a1 = a2', 'a2 ! b', 'a2 ! c', 'b ! c', 'd1 ! e', 'd1 = d2', 'd2 ! e']);
});

test('a line of another kind is refused with its number', () => {
  expect(() => parseAuthored('= a\n- b', 'f.txt', 's', 'training')).toThrow('f.txt:2');
});

test('sources and labels are made to weigh the same', () => {
  const pair = (source: string, same: boolean) => ({ a: 'a', b: 'b', same, source, weight: 1 });
  const pairs = [pair('big', true), ...Array.from({ length: 8 }, () => pair('big', false)), pair('small', true)];
  const balanced = balanceSources(pairs);
  const sum = (kept: (row: (typeof balanced)[0]) => boolean) =>
    balanced.filter(kept).reduce((total, { weight }) => total + weight, 0);
  expect(sum(({ source, same }) => source === 'big' && same)).toBeCloseTo(
    sum(({ source, same }) => source === 'big' && !same),
  );
  expect(sum(({ source }) => source === 'big')).toBeCloseTo(sum(({ source }) => source === 'small'));
  expect(sum(() => true)).toBeCloseTo(10);
});

test('a sample keeps the order, its size, and both labels', () => {
  const pairs = Array.from({ length: 100 }, (_, row) => ({
    a: `${row}`,
    b: '',
    same: row % 10 === 0,
    source: 's',
    weight: 1,
  }));
  const sample = samplePairs(pairs, 20, 1);
  expect(sample).toHaveLength(20);
  expect(sample.filter(({ same }) => same)).toHaveLength(10);
  expect(sample.map(({ a }) => Number(a))).toEqual(
    sample.map(({ a }) => Number(a)).sort((first, second) => first - second),
  );
});
