// `npm test -- [--only stage[,stage]] [pattern …] [-t name]`.

export const stageNames = ['format', 'lint', 'types', 'boundaries', 'generated', 'unit', 'e2e'];

/**
 * Which stages to run and what to pass on to Jest. Patterns alone choose the Jest stage that they belong to.
 * Throws one sentence for an unknown stage.
 */
export function parseTestArguments(args) {
  const only = [];
  const patterns = [];
  const jestOptions = [];
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index];
    if (argument === '--only' || argument.startsWith('--only=')) {
      const value = argument.includes('=') ? argument.slice('--only='.length) : args[(index += 1)];
      only.push(...(value ?? '').split(',').filter(Boolean));
    } else if (argument === '-t' || argument === '--testNamePattern') {
      jestOptions.push(argument, args[(index += 1)] ?? '');
    } else if (argument.startsWith('-')) jestOptions.push(argument);
    else patterns.push(argument);
  }
  const unknown = only.filter((name) => !stageNames.includes(name));
  if (unknown.length > 0)
    throw new Error(`There is no stage ${unknown.join(', ')}; the stages are ${stageNames.join(', ')}.`);
  return { stages: chosenStages(only, patterns), patterns, jestOptions };
}

function chosenStages(only, patterns) {
  if (only.length > 0) return stageNames.filter((name) => only.includes(name));
  if (patterns.length === 0) return stageNames;
  const isEndToEnd = (pattern) => /(^|\/)e2e(\/|$)/.test(pattern);
  return [...(patterns.every(isEndToEnd) ? [] : ['unit']), ...(patterns.some(isEndToEnd) ? ['e2e'] : [])];
}
