import { loadStaticModel } from '@costlane/embedding';
import { createFeatureExtractor } from './index';

const extractor = createFeatureExtractor(loadStaticModel());

const veto = (a: string, b: string) => extractor.veto(extractor.prepare(a), extractor.prepare(b));

describe('veto', () => {
  it.each([
    ['number', 'How do I lose weight in 7 days?', 'How do I lose weight in 10 days?'],
    ['number', 'Is the iPhone 6s worth it?', 'Is the iPhone 7 worth it?'],
    ['number', 'Buy three tickets', 'Buy four tickets'],
    ['entity', 'Are there hedge funds in Bahrain?', 'Are there hedge funds in India?'],
    ['entity', 'weather in oslo tomorrow', 'weather in paris tomorrow'],
    ['entity', 'Is Kyle Evans dead?', 'Is Kyle Taylor dead?'],
    ['negation', 'Why can you fly in dreams?', "Why can't you fly in dreams?"],
    ['negation', 'do not set the alarm for seven', 'please set the alarm for seven'],
    ['negation', 'Which tea is sold with sugar?', 'Which tea is sold without sugar?'],
    ['antonym', 'What is the maximum payment?', 'What is the minimum payment?'],
    ['antonym', 'How do I activate my card?', 'How do I deactivate my card?'],
    ['order', 'Is Katherine liked by Christian?', 'Does Katherine like Christian?'],
    ['number', 'I found a few thousand dollars', 'I found a few hundred dollars'],
    ['value', 'Difference between == and === in JavaScript', 'Difference between = and == in JavaScript'],
    ['value', 'Solve for x: 3x + 7 = 22', 'Solve for x: 3x - 7 = 22'],
    ['value', 'What does this symbol mean @?', 'What does this symbol mean?'],
    ['value', 'What is 12/4?', 'What is 12-4?'],
    ['value', 'Convert -40 C to F', 'Convert 40 C to F'],
    ['value', 'Is 5 < 3?', 'Is 5 > 3?'],
    ['value', 'What does ≤ mean?', 'What does ≥ mean?'],
    ['value', 'Evaluate !true', 'Evaluate true'],
    ['value', 'What does [] mean in Python?', 'What does {} mean in Python?'],
    ['value', 'What does 😀 mean?', 'What does 😢 mean?'],
    ['value', 'How much is $100 in yen?', 'How much is €100 in yen?'],
    ['entity', 'How do I sort a vector in C?', 'How do I sort a vector in C++?'],
    ['entity', 'How do I sort a vector in C++?', 'How do I sort a vector in C#?'],
    ['value', 'Which paint is red?', 'Which paint is green?'],
    ['value', 'cancel my dinner reservation', 'cancel my breakfast reservation'],
    ['value', 'Who teaches linguistics next winter?', 'Who teaches linguistics next ?'],
  ] as const)('refuses by %s: "%s" and "%s"', (reason, a, b) => {
    expect(veto(a, b)).toBe(reason);
    expect(veto(b, a)).toBe(reason);
  });

  it.each([
    ['number', 'Where is order A-10234?', 'Where is order A-10235?'],
    ['entity', 'status of order 4821-AA', 'status of order 4821-AB'],
    ['number', 'Show 3f2b8c1e-5d4a-4b6c-9e8f-1a2b3c4d5e6f', 'Show 3f2b8c1e-5d4a-4b6c-9e8f-1a2b3c4d5e6a'],
    ['number', 'What changed in version 1.2?', 'What changed in version 1.3?'],
    ['value', 'explain commit deadbeef', 'explain commit deadbeaf'],
    ['value', 'What is in /usr/local/bin?', 'What is in /usr/bin?'],
    ['value', 'explain src/a/index.ts', 'explain src/b/index.ts'],
    ['value', 'open C:\\temp\\a.txt', 'open C:\\temp\\b.txt'],
    ['value', 'What does foo_bar do?', 'What does foo_baz do?'],
    ['value', 'explain getUserById', 'explain getUserByName'],
    ['value', 'Who is bob@example.com?', 'Who is rob@example.com?'],
  ] as const)('refuses by %s texts about other identifiers: "%s" and "%s"', (reason, a, b) => {
    expect(veto(a, b)).toBe(reason);
    expect(veto(b, a)).toBe(reason);
  });

  it.each([
    ['What is 5 - 3?', 'what is 5-3'],
    ['2 × 3 = ?', '2 * 3 = ?'],
    ['Hello 😀, what is the capital of Peru?', 'What is the capital of Peru?'],
    ['Open /etc/hosts.', 'open /etc/hosts'],
    ['What does getUserById() do?', 'what does getUserById do?'],
    ['How do I use YouTube?', 'How do I use Youtube?'],
    ['I have 24 eggs', 'I have twenty-four eggs'],
    ['Who leads the USA?', 'Who leads the United States?'],
    ['Which US state is the best?', 'Which American state is the best?'],
    ['What did you recieve?', 'What did you receive?'],
    ['Is Anna taller than Ben?', 'Is Ben shorter than Anna?'],
    ['Did Emma leave before Jack arrived?', 'Did Jack arrive after Emma left?'],
    ['Is coffee healthy? Why or why not?', 'Is coffee healthy?'],
    ['How can I become less hopeless?', 'How can I become more hopeful?'],
    ['Is there a lab with Chemistry 101?', 'Does CHEM 101 have a laboratory?'],
    ['What are the prerequisites for Operating Systems?', 'What are the prerequisites for OS?'],
    ['I studied commerce in class 12', 'I studied commerce in 12th class'],
    ['Can I have two accounts on one phone?', 'Can I have two accounts on the same phone?'],
    ['How do I become an analyst without any experience?', 'How do I become an analyst with no experience?'],
    ['Is Jason preferred by Amanda?', 'Does Amanda prefer Jason?'],
    ['Can you tell me my balance?', 'What is my balance?'],
  ])('lets pass: "%s" and "%s"', (a, b) => {
    expect(veto(a, b)).toBeUndefined();
    expect(veto(b, a)).toBeUndefined();
  });
});
