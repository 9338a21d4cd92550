import fc from 'fast-check';
import { differsInFigures } from './differs-in-figures';

describe('figures that differ', () => {
  it.each([
    ['Summarise order 12345', 'Summarise order 12346', true],
    ['How far is it from 3 to 5?', 'How far is it from 5 to 3?', false],
    ['What is 7 times 8?', 'What is 07 times 8?', false],
    ['four eggs', '4 eggs', false],
    ['about 1,000 people', 'about 1000 people', false],
    ['at 9am', 'at 9 am', false],
    ['price of the iPhone 15', 'price of the iphone15', false],
    ['price of the iPhone15', 'price of the iPhone16', true],
    ['status of job 3f2a-99c1-77aa', 'status of job 3f2a-99c1-77ab', true],
    ['Why is the sky blue?', 'why is the sky BLUE', false],
    ['open ticket abc123def', 'open a ticket', true],
    ['the 2nd of 3', 'the 3rd of 2', false],
  ])('%s | %s: %s', (one, other, expected) => {
    expect(differsInFigures(one, other)).toBe(expected);
    expect(differsInFigures(other, one)).toBe(expected);
  });

  it('never holds between a text and itself, in whatever case', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => !differsInFigures(text, text.toUpperCase())),
    );
  });
});
