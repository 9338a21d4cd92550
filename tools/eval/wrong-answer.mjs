// How a simulated model errs: by a rule that anyone can follow, from the reference answer.

const numbersRaised = (text) =>
  text.replace(/\d+(?:\.\d+)?/g, (number) => {
    const decimals = number.split('.')[1]?.length ?? 0;
    return (Number(number) + 1).toFixed(decimals);
  });

const firstHalf = (text) => {
  const words = text.split(' ');
  return words.slice(0, Math.ceil(words.length / 2)).join(' ');
};

/** Every number in it is one larger, every text is "unknown". */
function otherValues(value) {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'string') return 'unknown';
  if (Array.isArray(value)) return value.map(otherValues);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, otherValues(inner)]));
}

function otherJson(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' ? JSON.stringify(otherValues(value)) : text;
  } catch {
    return text;
  }
}

const rules = [otherJson, numbersRaised, firstHalf, () => 'I think that it is something else.'];

/**
 * The reference, spoilt by the first rule whose result the checks find wrong: other values in a JSON document; every number one larger; the
 * first half of the words; a sentence that says nothing. `isRight(answer)` may be asynchronous. Throws where even that passes.
 */
export async function wrongAnswer({ id, reference }, isRight) {
  for (const rule of rules) {
    const answer = rule(reference);
    if (answer !== reference && !(await isRight(answer))) return answer;
  }
  throw new Error(`prompt "${id}": its checks let every answer pass`);
}
