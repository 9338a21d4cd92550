import { CostlaneError, parseUsd } from '@costlane/domain';

const NAME_LIMIT = 200;
const INTEGER = /^\d{1,9}$/;

/** The parameters of a report. What is not read by its end is refused by name. */
export interface ParameterReader {
  /** Undefined: not given. Throws `invalid_request` for an empty or overlong text. */
  text(name: string): string | undefined;
  oneOf<T extends string>(name: string, allowed: readonly T[], otherwise: T): T;
  integer(name: string, bounds: { otherwise: number; min: number; max: number }): number;
  /** A positive amount in dollars, as nano-dollars. */
  usd(name: string): bigint | undefined;
  /** Throws `invalid_request` for a parameter that was not asked for. */
  end(): void;
}

export function createParameterReader(parameters: Readonly<Record<string, string>>): ParameterReader {
  const known = new Set<string>();
  const text = (name: string): string | undefined => {
    known.add(name);
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (value === undefined) return undefined;
    if (value !== '' && value.length <= NAME_LIMIT && !value.includes('\0')) return value;
    throw refusal(name, `has to be 1 to ${NAME_LIMIT} characters`);
  };
  return {
    text,
    oneOf<T extends string>(name: string, allowed: readonly T[], otherwise: T): T {
      const value = text(name) ?? otherwise;
      const found = allowed.find((one) => one === value);
      if (found !== undefined) return found;
      throw refusal(
        name,
        `has to be ${allowed.slice(0, -1).join(', ')}${allowed.length > 1 ? ' or ' : ''}${allowed.at(-1)}`,
      );
    },
    integer(name, { otherwise, min, max }) {
      const value = text(name);
      if (value === undefined) return otherwise;
      if (INTEGER.test(value) && Number(value) >= min && Number(value) <= max) return Number(value);
      throw refusal(name, `has to be a whole number from ${min} to ${max}`);
    },
    usd(name) {
      const value = text(name);
      if (value === undefined) return undefined;
      try {
        const amount = BigInt(parseUsd(value));
        if (amount > 0n) return amount;
      } catch {
        // Said below, in the words of parameters.
      }
      throw refusal(name, 'has to be a positive amount in dollars such as 250 or 0.5');
    },
    end() {
      const unknown = Object.keys(parameters).find((name) => !known.has(name));
      if (unknown === undefined) return;
      throw refusal(
        unknown.slice(0, NAME_LIMIT),
        `is not known here; this takes ${[...known, 'tenant_id', 'format'].join(', ')}`,
      );
    },
  };
}

/** `invalid_request` that names the parameter and what would be right. */
export const refusal = (name: string, what: string): CostlaneError =>
  new CostlaneError('invalid_request', `Parameter "${name}" ${what}.`, { field: name });
