/** What the semantic cache gave a request, kept under `servedKey` for feedback on it. */
export interface ServedRecord {
  /** Of the stored question whose answer it was. */
  fingerprint: string;
  /** The question that was asked; kept only where pairs are collected for training. */
  asked?: string;
  similarity: number;
  probability: number;
}

/** Feedback may come so much later. */
export const SERVED_LIFETIME_SECONDS = 7 * 24 * 3_600;
