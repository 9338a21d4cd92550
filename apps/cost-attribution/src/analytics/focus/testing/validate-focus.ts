/** One row of an export, read from CSV: null is an empty field. */
export type FocusRow = Record<string, string | null>;

interface Rule {
  /** Id of the rule in the specification's model 1.2.0.1, or of the first of several that are one thing here. */
  id: string;
  /** Whether a row keeps it. */
  holds(row: FocusRow): boolean;
}

const decimal = /^-?\d+(\.\d+)?([eE]-?\d+)?$/;
const dateTime = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

const isNull = (row: FocusRow, column: string): boolean => row[column] === null;
const matches = (pattern: RegExp) => (column: string) => (row: FocusRow) =>
  row[column] === null || pattern.test(row[column] ?? '');
const isDecimal = matches(decimal);
const isDateTime = matches(dateTime);
const isOneOf = (column: string, values: readonly string[]) => (row: FocusRow) =>
  row[column] === null || values.includes(row[column] ?? '');
const notNull = (column: string) => (row: FocusRow) => !isNull(row, column) && row[column]?.trim() !== '';
const time = (row: FocusRow, column: string): number => Date.parse(row[column] ?? '');

/** Present in every dataset, and in one of a provider who has sub accounts, measures usage and has tags, as ours. */
const mandatory = [
  'BilledCost BillingAccountId BillingAccountName BillingCurrency BillingPeriodEnd BillingPeriodStart ChargeCategory ChargeClass',
  'ChargeDescription ChargePeriodEnd ChargePeriodStart ContractedCost EffectiveCost InvoiceIssuerName ListCost PricingQuantity PricingUnit',
  'ProviderName PublisherName ServiceCategory ServiceName SubAccountId SubAccountName ConsumedQuantity ConsumedUnit Tags',
]
  .join(' ')
  .split(' ');
const recommended = ['ChargeFrequency', 'InvoiceId', 'ServiceSubcategory'];

/** All columns of the specification that an export of ours may have; others begin with x_. */
const known = [...mandatory, ...recommended, 'PricingCategory', 'SkuId', 'SkuMeter', 'CommitmentDiscountStatus'];

const costs = ['BilledCost', 'ContractedCost', 'EffectiveCost', 'ListCost'];
const moments = ['BillingPeriodEnd', 'BillingPeriodStart', 'ChargePeriodEnd', 'ChargePeriodStart'];
const neverNull = [
  ...[
    'BillingAccountId',
    'BillingAccountName',
    'BillingCurrency',
    'ChargeCategory',
    'ChargeDescription',
    'ChargeFrequency',
  ],
  ...['InvoiceIssuerName', 'ProviderName', 'PublisherName', 'ServiceCategory', 'ServiceName', 'ServiceSubcategory'],
];
const aiSubcategories = [
  'AI Platforms',
  'Bots',
  'Generative AI',
  'Machine Learning',
  'Natural Language Processing',
  'Other (AI and Machine Learning)',
];

function isKeyValue(text: string | null): boolean {
  if (text === null) return true;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return false;
    return Object.values(parsed).every((value) => typeof value !== 'object' || value === null);
  } catch {
    return false;
  }
}

const isUsage = (row: FocusRow): boolean => row['ChargeCategory'] === 'Usage';
const isCorrection = (row: FocusRow): boolean => row['ChargeClass'] === 'Correction';
const isMonth = (row: FocusRow): boolean => {
  const [start, end] = [new Date(time(row, 'BillingPeriodStart')), new Date(time(row, 'BillingPeriodEnd'))];
  return start.getUTCDate() === 1 && end.getTime() === Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1);
};

const rules: readonly Rule[] = [
  ...neverNull.map((column) => ({ id: `${column} MUST NOT be null`, holds: notNull(column) })),
  ...costs.flatMap((column) => [
    { id: `${column}-C-003-M`, holds: notNull(column) },
    { id: `${column}-C-002-M`, holds: isDecimal(column) },
  ]),
  ...moments.flatMap((column) => [
    { id: `${column}-C-003-M`, holds: notNull(column) },
    { id: `${column}-C-002-M`, holds: isDateTime(column) },
  ]),
  { id: 'BillingCurrency-C-003-M', holds: matches(/^[A-Z]{3}$/)('BillingCurrency') },
  {
    id: 'ChargeCategory-C-003-M',
    holds: isOneOf('ChargeCategory', ['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment']),
  },
  { id: 'ChargeClass-C-005-C', holds: isOneOf('ChargeClass', ['Correction']) },
  { id: 'ChargeFrequency-C-003-M', holds: isOneOf('ChargeFrequency', ['One-Time', 'Recurring', 'Usage-Based']) },
  {
    id: 'ChargeFrequency-C-004-C',
    holds: (row) => row['ChargeCategory'] !== 'Purchase' || row['ChargeFrequency'] !== 'Usage-Based',
  },
  { id: 'ChargePeriodEnd-C-004-M', holds: (row) => time(row, 'ChargePeriodEnd') > time(row, 'ChargePeriodStart') },
  { id: 'BillingPeriodEnd-C-004-M', holds: isMonth },
  {
    id: 'a charge lies in its billing period',
    holds: (row) =>
      time(row, 'ChargePeriodStart') >= time(row, 'BillingPeriodStart') &&
      time(row, 'ChargePeriodEnd') <= time(row, 'BillingPeriodEnd'),
  },
  { id: 'ConsumedQuantity-C-002-M', holds: isDecimal('ConsumedQuantity') },
  { id: 'ConsumedQuantity-C-004-C', holds: (row) => isUsage(row) || isNull(row, 'ConsumedQuantity') },
  {
    id: 'ConsumedQuantity-C-006-C',
    holds: (row) => !isUsage(row) || isCorrection(row) || !isNull(row, 'ConsumedQuantity'),
  },
  { id: 'ConsumedUnit-C-005-C', holds: (row) => isNull(row, 'ConsumedUnit') === isNull(row, 'ConsumedQuantity') },
  { id: 'PricingQuantity-C-002-M', holds: isDecimal('PricingQuantity') },
  {
    id: 'PricingQuantity-C-005-C',
    holds: (row) => !isUsage(row) || isCorrection(row) || !isNull(row, 'PricingQuantity'),
  },
  { id: 'PricingUnit-C-005-C', holds: (row) => isNull(row, 'PricingUnit') === isNull(row, 'PricingQuantity') },
  { id: 'PricingCategory-C-007-M', holds: isOneOf('PricingCategory', ['Standard', 'Committed', 'Dynamic', 'Other']) },
  {
    id: 'PricingCategory-C-004-C',
    holds: (row) => !isUsage(row) || isCorrection(row) || !isNull(row, 'PricingCategory'),
  },
  // There are no unit prices in an export of ours.
  { id: 'ListCost-C-008-C', holds: (row) => row['ListCost'] === row['BilledCost'] },
  { id: 'ContractedCost-C-008-C', holds: (row) => row['ContractedCost'] === row['BilledCost'] },
  { id: 'SkuId-C-005-C', holds: (row) => !isUsage(row) || isCorrection(row) || !isNull(row, 'SkuId') },
  { id: 'SkuMeter-C-004-C', holds: (row) => isNull(row, 'SkuMeter') === isNull(row, 'SkuId') },
  { id: 'SubAccountId-C-005-C', holds: notNull('SubAccountId') },
  { id: 'SubAccountName-C-004-C', holds: (row) => isNull(row, 'SubAccountName') === isNull(row, 'SubAccountId') },
  { id: 'CommitmentDiscountStatus is of no commitment', holds: (row) => isNull(row, 'CommitmentDiscountStatus') },
  { id: 'InvoiceId-C-004-C', holds: (row) => isNull(row, 'InvoiceId') },
  { id: 'ServiceCategory-C-003-M', holds: isOneOf('ServiceCategory', ['AI and Machine Learning']) },
  { id: 'ServiceSubcategory-C-004-M', holds: isOneOf('ServiceSubcategory', aiSubcategories) },
  { id: 'Tags-C-001-M', holds: (row) => isKeyValue(row['Tags'] ?? null) },
  {
    id: 'NumericFormat of our own columns',
    holds: (row) => Object.keys(row).every((column) => !isOwnNumber(column) || isDecimal(column)(row)),
  },
];

const isOwnNumber = (column: string): boolean => column.startsWith('x_') && column !== 'x_Model';

/** What an export breaks of FOCUS 1.2, each rule once: columns that are missing or must not be there, and rules that some row does not keep. */
export function problemsOf(columns: readonly string[], rows: readonly FocusRow[]): string[] {
  const missing = [...mandatory, ...recommended].filter((column) => !columns.includes(column));
  const foreign = columns.filter((column) => !known.includes(column) && !/^x_[A-Z][A-Za-z0-9]*$/.test(column));
  const own = columns.findIndex((column) => column.startsWith('x_'));
  const isMixed = own !== -1 && columns.slice(own).some((column) => !column.startsWith('x_'));
  return [
    ...missing.map((column) => `${column} MUST be present`),
    ...foreign.map((column) => `${column} is no column of FOCUS`),
    ...(new Set(columns).size === columns.length ? [] : ['a column is there twice']),
    ...(columns.some((column) => column.length > 50) ? ['a column id is longer than 50'] : []),
    ...(isMixed ? ['custom columns SHOULD come last'] : []),
    ...rules.filter(({ holds }) => !rows.every(holds)).map(({ id }) => id),
  ];
}
