import fc from 'fast-check';
import { groupByText, groupedFolds } from './grouped-folds';

test('pairs that share a text through other pairs are one group, whatever their case and punctuation', () => {
  const groups = groupByText([
    { a: 'How old is the sun?', b: 'What age has the sun' },
    { a: 'what age has the sun?', b: 'Age of the sun' },
    { a: 'Who wrote Hamlet?', b: 'Author of Hamlet' },
  ]);
  expect(groups[0]).toBe(groups[1]);
  expect(groups[2]).not.toBe(groups[0]);
});

test('no text is in two folds, and every fold is used where there are groups enough', () => {
  const texts = fc.integer({ min: 0, max: 60 }).map((number) => `text ${number}`);
  const pairs = fc.array(fc.record({ a: texts, b: texts }), { minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(pairs, fc.integer({ min: 0, max: 5 }), (rows, seed) => {
      const folds = groupedFolds(groupByText(rows), 5, seed);
      const foldOf = new Map<string, number>();
      rows.forEach(({ a, b }, row) => {
        for (const text of [a, b]) {
          expect(foldOf.get(text) ?? folds[row]).toBe(folds[row]);
          foldOf.set(text, folds[row] ?? -1);
        }
      });
    }),
  );
  const apart = Array.from({ length: 50 }, (_, row) => ({ a: `question ${row}`, b: `answer ${row}` }));
  expect(new Set(groupedFolds(groupByText(apart), 5, 1)).size).toBe(5);
});
