import type { BudgetPayer } from '@costlane/domain';
import type { InferenceRequest } from '../core/inference-request';

type Asked = Pick<InferenceRequest, 'caller' | 'featureName'>;

/** Whose budgets a request touches. */
export const payerOf = ({ caller, featureName }: Asked): BudgetPayer => ({
  tenantId: caller.tenantId,
  teamId: caller.teamId,
  userId: caller.userId,
  keyId: caller.keyId,
  featureName,
});

/** Whether two requests of one tenant are paid out of the same budgets. */
export function isSamePayer(a: Asked, b: Asked): boolean {
  const [one, other] = [a.caller, b.caller];
  const isSameCaller = one.teamId === other.teamId && one.userId === other.userId && one.keyId === other.keyId;
  return isSameCaller && a.featureName === b.featureName;
}
