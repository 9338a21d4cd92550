import { createFeatureBuffers, writeFormFeatures } from '../features/form-features';
import { formFeatureNames } from '../features/form-feature-names';
import { createTokens, hashPair, scanTokens } from '../features/scan-tokens';
import { termWeight } from '../model/pair-table';

/** A prompt and whether each model answered it rightly (1 or 0, or a share between). */
export interface OutcomeRow {
  readonly prompt: string;
  readonly strong: number;
  readonly weak: number;
}

/** What training needs of the prompts, read once for all folds. */
export interface PromptFeatures {
  readonly rows: readonly OutcomeRow[];
  /** Form features, row after row. */
  readonly form: readonly Float32Array[];
  /** Pairs of each row, each once, and what its times count. */
  readonly pairs: readonly { readonly keys: Int32Array; readonly counts: Float32Array }[];
}

export function readFeatures(rows: readonly OutcomeRow[]): PromptFeatures {
  const tokens = createTokens();
  const buffers = createFeatureBuffers();
  const form: Float32Array[] = [];
  const pairs = rows.map(({ prompt }) => {
    scanTokens(prompt, tokens);
    const features = new Float32Array(formFeatureNames.length);
    writeFormFeatures(prompt, tokens, buffers, features);
    form.push(features);
    const times = new Map<number, number>();
    for (let token = 1; token < tokens.count; token += 1) {
      const key = hashPair(tokens.hashes[token - 1] as number, tokens.hashes[token] as number);
      times.set(key, (times.get(key) ?? 0) + 1);
    }
    return { keys: Int32Array.from(times.keys()), counts: Float32Array.from(times.values(), termWeight) };
  });
  return { rows, form, pairs };
}
