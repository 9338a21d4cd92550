import { CostlaneError } from '@costlane/domain';
import type { Picker } from './picker';

/** What stands in a template's places: texts, which may hold alternatives themselves. */
export type Slots = Readonly<Record<string, string>>;

/** Openings that many families share. Alternatives of one opening ask for the same. */
const openings: Slots = {
  how: '[How do I|How can I|How could I|What is a good way to|What is the best way to|What should I do to|What do I have to do to|How would one|How do you|What are some good ways to|How does one|How might I]',
  isTrue:
    '[Is it true that|Do you know if|Do you know whether|Can you tell me whether|Is it a fact that|I want to know whether|Can anyone tell me if]',
  tell: '[Can you tell me|Could you tell me|Do you know|I would like to know|Please tell me|I need to know|Does anybody know]',
  may: '[Is it OK to|Is it all right to|Is it okay to|Is it fine to]',
  why: '[Why is it that|What is the reason that|What is the reason why]',
};

const vowelSound = /^(?:[aeiou]|hour|honest|honou?r|heir|x-ray|(?:html|mp[34]|svg|xml|xlsx)\b)/i;
const consonantSound = /^(?:uni(?!n)|use|user|usual|euro|one\b|ukulele|eu)/i;

/** `a` or `an`, by the sound that the word begins with. */
export function articleFor(word: string): 'a' | 'an' {
  return vowelSound.test(word) && !consonantSound.test(word) ? 'an' : 'a';
}

/**
 * Fills `{slots}`, chooses one of each `[this|that]` (they may hold one another; an alternative may be empty), turns `a(n)` into the article that
 * the next word wants, and begins with a capital. Throws a CostlaneError (`internal`) for a slot that nobody fills.
 */
export function expandTemplate(template: string, slots: Slots, pick: Picker): string {
  const fill = (_: string, name: string) => {
    const value = slots[name] ?? openings[name];
    if (value === undefined) throw new CostlaneError('internal', `nothing fills {${name}} of "${template}"`);
    return value;
  };
  let text = template;
  // Slots may hold slots, two levels deep at the most.
  for (let level = 0; level < 3 && text.includes('{'); level += 1) text = text.replace(/\{(\w+)\}/g, fill);
  while (text.includes('['))
    text = text.replace(/\[([^[\]]*)\]/g, (_, options: string) => pick.one(options.split('|')));
  text = text
    .replace(/\ba\(n\) (\S+)/g, (_, word: string) => `${articleFor(word)} ${word}`)
    .replace(/\s+/g, ' ')
    .replace(/ ([?,.!])/g, '$1')
    .trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
