// Prompt sets: one JSON object a line.
import { existsSync, readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import { checkSchema, compileChecks } from './checks.mjs';
import { describeErrors } from './schema-errors.mjs';

export const difficulties = ['simple', 'moderate', 'complex'];
const text = { type: 'string', minLength: 1 };

const promptSchema = {
  type: 'object',
  required: ['id', 'difficulty', 'messages', 'checks'],
  additionalProperties: false,
  properties: {
    id: text,
    category: text,
    language: text,
    difficulty: { enum: difficulties },
    messages: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['role', 'content'],
        properties: { role: { enum: ['system', 'user', 'assistant'] }, content: text },
        additionalProperties: false,
      },
    },
    /** Further fields of the request: response_format, max_tokens, … */
    body: { type: 'object', properties: { model: false, messages: false, stream: false } },
    checks: { type: 'array', minItems: 1, items: checkSchema },
    reference: text,
  },
};

const validate = new Ajv2020({ strict: false, verbose: true }).compile(promptSchema);

/** The prompts of a text; each error names `name` and the line. `needsReference`: a simulation makes its answers from the references. */
export function parsePrompts(content, name, { needsReference = false } = {}) {
  const seen = new Set();
  const prompts = [];
  content.split('\n').forEach((line, at) => {
    if (line.trim() === '') return;
    const fail = (why) => {
      throw new Error(`${name}:${at + 1}: ${why}`);
    };
    let prompt;
    try {
      prompt = JSON.parse(line);
    } catch (error) {
      fail(`not JSON: ${error.message}`);
    }
    if (!validate(prompt)) fail(describeErrors(validate.errors));
    if (seen.has(prompt.id)) fail(`id: "${prompt.id}" stands there twice`);
    seen.add(prompt.id);
    const isCompared = prompt.checks.some(({ kind, reference }) => kind === 'similarity' && reference === undefined);
    if (prompt.reference === undefined && (needsReference || isCompared))
      fail(needsReference ? 'reference: a simulation needs a right answer' : 'reference: a similarity check needs one');
    try {
      compileChecks(prompt, {});
    } catch (error) {
      fail(`checks: ${error.message}`);
    }
    prompts.push(prompt);
  });
  if (prompts.length === 0) throw new Error(`${name}: no prompts`);
  return prompts;
}

/** The same from a file. */
export function readPrompts(file, options) {
  if (!existsSync(file)) throw new Error(`${file}: there is no such file`);
  return parsePrompts(readFileSync(file, 'utf8'), file, options);
}
