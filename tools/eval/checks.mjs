// What an answer is checked by. Each kind: the shape of its entry, and how it is read into a function from an answer to a score of 0 to 1.
import Ajv2020 from 'ajv/dist/2020.js';
import { bare, fold, parseJsonAnswer, readingsOfLastNumber } from './read-text.mjs';

const text = { type: 'string', minLength: 1 };
const texts = { type: 'array', minItems: 1, items: text };
const flag = { type: 'boolean' };
const score = (isGood) => (isGood ? 1 : 0);

const kinds = {
  /** One of these, quotes, case and a final period apart. */
  exact: {
    properties: { values: texts, isCaseKept: flag },
    required: ['values'],
    compile({ values, isCaseKept = false }) {
      const read = (value) => (isCaseKept ? bare(value) : fold(bare(value)));
      const wanted = new Set(values.map(read));
      return (answer) => score(wanted.has(read(answer)));
    },
  },
  /** Some part of the answer matches; with isAbsent no part does. */
  regex: {
    properties: { pattern: text, flags: { type: 'string', pattern: '^[imsu]*$' }, isAbsent: flag },
    required: ['pattern'],
    compile({ pattern, flags = '', isAbsent = false }) {
      const expression = new RegExp(pattern, flags);
      return (answer) => score(expression.test(answer) !== isAbsent);
    },
  },
  /** The answer is JSON, a code fence apart, and fits the schema. */
  json: {
    properties: { schema: { type: ['object', 'boolean'] } },
    required: ['schema'],
    compile({ schema }) {
      const validate = new Ajv2020({ strict: false, logger: false }).compile(schema);
      return (answer) => {
        try {
          return score(validate(parseJsonAnswer(answer)));
        } catch {
          return 0;
        }
      };
    },
  },
  /** Holds all of these (of a list: one of it) and none of those. */
  contains: {
    properties: { all: { type: 'array', items: { anyOf: [text, texts] } }, none: texts },
    anyOf: [{ required: ['all'] }, { required: ['none'] }],
    compile({ all = [], none = [] }) {
      const wanted = all.map((entry) => [entry].flat().map(fold));
      const unwanted = none.map(fold);
      return (answer) => {
        const folded = fold(answer);
        if (unwanted.some((part) => folded.includes(part))) return 0;
        return score(wanted.every((others) => others.some((part) => folded.includes(part))));
      };
    },
  },
  /** The last number of the answer is this one, within the tolerance. */
  number: {
    properties: { value: { type: 'number' }, tolerance: { type: 'number', minimum: 0 } },
    required: ['value'],
    compile:
      ({ value, tolerance = 1e-9 }) =>
      (answer) =>
        score(readingsOfLastNumber(answer).some((reading) => Math.abs(reading - value) <= tolerance)),
  },
  /** As near to the reference as this, by the cosine of their vectors. */
  similarity: {
    properties: { min: { type: 'number', minimum: -1, maximum: 1 }, reference: text },
    required: ['min'],
    compile({ min, reference }, { embed, promptReference }) {
      let wanted;
      return (answer) => {
        wanted ??= embed(reference ?? promptReference);
        return score(dot(wanted, embed(answer)) >= min);
      };
    },
  },
  /** What a model thinks of it, 0 to 1; skipped where no judge was named. */
  judge: {
    properties: { criteria: text },
    required: ['criteria'],
    compile({ criteria }, { judge, question, promptReference }) {
      if (!judge) return () => null;
      return (answer) => judge({ question, criteria, reference: promptReference, answer });
    },
  },
};

const dot = (a, b) => a.reduce((sum, value, at) => sum + value * b[at], 0);

/** For the schema of prompts: an entry of any kind. */
export const checkSchema = {
  type: 'object',
  required: ['kind'],
  properties: { kind: { enum: Object.keys(kinds) } },
  allOf: Object.entries(kinds).map(([kind, { properties, required, anyOf }]) => ({
    if: { properties: { kind: { const: kind } } },
    then: {
      required,
      properties: { kind: true, ...properties },
      additionalProperties: false,
      ...(anyOf ? { anyOf } : {}),
    },
  })),
};

/**
 * The checks of a prompt as one function: an answer's score (mean of its checks), whether all of them passed, and each check's score, null
 * for one that was skipped. Throws where a pattern or a schema is malformed. `means`: `embed(text)` and, where a judge was named, `judge`.
 */
export function compileChecks({ checks, reference, messages }, means) {
  const context = { ...means, promptReference: reference, question: messages };
  const compiled = checks.map((check) => ({ kind: check.kind, run: kinds[check.kind].compile(check, context) }));
  return async (answer) => {
    const results = [];
    for (const { kind, run } of compiled) results.push({ kind, score: await run(answer) });
    const scores = results.flatMap((result) => result.score ?? []);
    if (scores.length === 0) return { score: null, isRight: null, results };
    const mean = scores.reduce((sum, one) => sum + one, 0) / scores.length;
    return { score: mean, isRight: scores.every((one) => one >= 0.5), results };
  };
}
