import type { ChargeRow } from '@costlane/ledger';
import { csvLine } from '../csv';
import { focusColumns, type FocusContext, type FocusValue } from './focus-columns';

/** How an export begins, how a page of it reads, and how it ends. */
export interface FocusWriter {
  begin(): string;
  /** `isFirst`: nothing was written before. */
  page(charges: readonly ChargeRow[], isFirst: boolean): string;
  end(): string;
}

export function createFocusWriter(format: 'csv' | 'json', context: FocusContext): FocusWriter {
  const valuesOf = (charge: ChargeRow): FocusValue[] => focusColumns.map(({ of }) => of(charge, context));
  if (format === 'csv')
    return {
      begin: () => csvLine(focusColumns.map(({ id }) => id)),
      page: (charges) => charges.map((charge) => csvLine(valuesOf(charge).map(csvValue))).join(''),
      end: () => '',
    };
  const object = (charge: ChargeRow): string =>
    `{${valuesOf(charge)
      .map((value, i) => `${JSON.stringify(focusColumns[i]?.id)}:${jsonValue(value)}`)
      .join(',')}}`;
  return {
    begin: () => '{"success":true,"data":{"focus_version":"1.2","rows":[',
    page: (charges, isFirst) => (charges.length === 0 || isFirst ? '' : ',') + charges.map(object).join(','),
    end: () => ']},"error":null}',
  };
}

const csvValue = ({ text }: FocusValue): string | null => text;

/** Digits as they are: a number of JavaScript could not hold every nano-dollar. */
const jsonValue = ({ text, isNumber }: FocusValue): string => (isNumber && text !== null ? text : JSON.stringify(text));
