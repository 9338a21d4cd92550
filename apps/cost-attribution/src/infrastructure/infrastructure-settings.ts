import {
  defaultInfrastructurePrices as prices,
  defaultInfrastructureUse as use,
  infrastructureRates,
  type InfrastructureRates,
  type InfrastructureUse,
  type InfrastructureWork,
} from '@costlane/domain';
import { z } from 'zod';

const amount = z.coerce.number().min(0).max(1_000_000);
const works = Object.keys(use.cpuMicros) as InfrastructureWork[];

/** `memory=158,miss=1103`: what is not named stays as it was measured. */
const cpuMicros = z.string().transform((text, context): InfrastructureUse['cpuMicros'] => {
  const micros = { ...use.cpuMicros };
  for (const part of text.split(',').filter((piece) => piece.trim() !== '')) {
    const [name = '', value = ''] = part.split('=').map((piece) => piece.trim());
    const number = value === '' ? NaN : Number(value);
    const work = works.find((known) => known === name);
    if (work && number >= 0 && number <= 1e9) micros[work] = number;
    else
      context.addIssue({
        code: 'custom',
        message: `must be a list like miss=1103,memory=158 of microseconds by ${works.join(', ')}; "${part.trim()}" is not`,
      });
  }
  return micros;
});

/** What our own machines cost, and what a request takes of them. */
export const infrastructureSettings = {
  INFRA_CPU_USD_PER_CORE_HOUR: amount.default(prices.cpuUsdPerCoreHour),
  INFRA_MEMORY_USD_PER_GB_HOUR: amount.default(prices.memoryUsdPerGbHour),
  INFRA_STORAGE_USD_PER_GB_MONTH: amount.default(prices.storageUsdPerGbMonth),
  INFRA_EMBEDDING_USD_PER_MILLION_TOKENS: amount.default(prices.embeddingUsdPerMillionTokens),
  INFRA_CPU_MICROSECONDS: cpuMicros.default(use.cpuMicros),
  INFRA_ANSWER_SECONDS: z.coerce.number().min(0).max(2_592_000).default(use.answerSeconds),
  INFRA_RECORD_MONTHS: z.coerce.number().min(0).max(1_200).default(use.recordMonths),
  INFRA_RESERVED_CPU_CORES: amount.default(0),
  INFRA_RESERVED_MEMORY_GB: amount.default(0),
  INFRA_RESERVED_STORAGE_GB: amount.default(0),
} satisfies z.ZodRawShape;

type Settings = z.output<z.ZodObject<typeof infrastructureSettings>>;

/** The settings as the prices that requests are counted by. */
export const infrastructureOf = (env: Settings): InfrastructureRates =>
  infrastructureRates(
    {
      cpuUsdPerCoreHour: env.INFRA_CPU_USD_PER_CORE_HOUR,
      memoryUsdPerGbHour: env.INFRA_MEMORY_USD_PER_GB_HOUR,
      storageUsdPerGbMonth: env.INFRA_STORAGE_USD_PER_GB_MONTH,
      embeddingUsdPerMillionTokens: env.INFRA_EMBEDDING_USD_PER_MILLION_TOKENS,
    },
    {
      ...use,
      cpuMicros: env.INFRA_CPU_MICROSECONDS,
      answerSeconds: env.INFRA_ANSWER_SECONDS,
      recordMonths: env.INFRA_RECORD_MONTHS,
    },
    {
      cpuCores: env.INFRA_RESERVED_CPU_CORES,
      memoryGb: env.INFRA_RESERVED_MEMORY_GB,
      storageGb: env.INFRA_RESERVED_STORAGE_GB,
    },
  );
