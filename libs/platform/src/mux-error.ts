import { CostlaneError, isErrorCode, toCostlaneError } from '@costlane/domain';
import { MuxKind } from '@costlane/contracts';
import type { MuxMessage } from '@costlane/contracts';

interface ErrorBody {
  message: string;
  field?: string;
  retryAfterMs?: number;
}

/** A failed call as it travels: the code in `method`, the rest as JSON in `body`. */
export function errorMessage(id: number, error: unknown): MuxMessage {
  const { code, message, field, retryAfterMs } = toCostlaneError(error);
  const body: ErrorBody = { message, field, retryAfterMs };
  return { id, kind: MuxKind.MUX_KIND_ERROR, method: code, body: Buffer.from(JSON.stringify(body)) };
}

/** Inverse of {@link errorMessage}; an unknown code or body becomes `internal`. */
export function parseErrorMessage({ method, body }: MuxMessage): CostlaneError {
  const code = isErrorCode(method) ? method : 'internal';
  try {
    const { message, field, retryAfterMs } = JSON.parse(body.toString()) as ErrorBody;
    return new CostlaneError(code, String(message), { field, retryAfterMs });
  } catch {
    return new CostlaneError(code, 'The other service failed without saying why.');
  }
}
