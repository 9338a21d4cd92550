// What is wrong with a document, in a sentence: the place, what stands there, and what would be right.
const shown = (value) => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

const wishes = {
  required: ({ params }) => `"${params.missingProperty}" is missing`,
  additionalProperties: ({ params }) => `there is no field "${params.additionalProperty}"`,
  enum: ({ params, data }) => `must be one of ${params.allowedValues.join(', ')}, not ${shown(data)}`,
};

/** The first thing that Ajv (with `verbose`) complains of that says something. */
export function describeErrors(errors) {
  const telling = errors.find(({ keyword }) => !['if', 'anyOf', 'allOf', 'oneOf'].includes(keyword)) ?? errors[0];
  const place = telling.instancePath.slice(1).replaceAll('/', '.');
  const wish = wishes[telling.keyword]?.(telling) ?? `${telling.message}, not ${shown(telling.data)}`;
  return place === '' ? wish : `${place}: ${wish}`;
}
