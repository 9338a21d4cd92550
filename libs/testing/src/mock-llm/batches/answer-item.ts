import { planAnswer } from '../answer-call';
import { invalidRequest, simulatedError, type ApiError } from '../api-error';
import { behaviourTowards, findDirective, parseDirective } from '../behaviour';
import { errorFormatOf } from '../error-format';
import { hashText } from '../hash-text';
import type { MockState } from '../mock-state';
import type { MockItem } from './mock-batch';

/** The answer to one item of a batch, as the same request would have been answered alone; directives in its text hold for it. */
export function answerItem({ path, body }: MockItem, state: MockState): { status: number; body: string } {
  const format = errorFormatOf(path);
  const refusal = (error: ApiError) => ({ status: format.status(error), body: format.render(error, undefined) });
  const plan = planAnswer(path, body, state);
  if (!('compose' in plan)) return refusal(plan);
  const directive = parseDirective(findDirective(plan.directiveText) ?? '');
  if (!directive.ok) return refusal(invalidRequest(`x-mock: ${directive.message}`, null, 'invalid_mock_directive'));
  const model = typeof body['model'] === 'string' ? body['model'] : '';
  const behaviour = state.behaviourFor(model, [behaviourTowards(directive.value, model)]);
  const { failure } = state.drawCourse(behaviour, hashText(JSON.stringify(body)));
  if (failure) return refusal(failure.kind === 'status' ? failure.error : simulatedError(500, undefined));
  const delivery = plan.compose(behaviour, undefined);
  if (delivery.kind === 'json') return { status: 200, body: delivery.body };
  return refusal(invalidRequest('Streaming is not supported in a batch.', 'stream'));
}
