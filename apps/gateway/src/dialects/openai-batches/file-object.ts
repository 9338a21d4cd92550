import type { ListedFile } from '@costlane/ledger';

/** A file as OpenAI's clients read it. */
export const fileObject = (file: ListedFile, sizeBytes: number) => ({
  id: file.fileId,
  object: 'file' as const,
  bytes: sizeBytes,
  created_at: Math.floor(file.createdAtMs / 1_000),
  expires_at: file.expiresAtMs === undefined ? null : Math.floor(file.expiresAtMs / 1_000),
  filename: file.filename,
  purpose: file.purpose,
  status: 'processed' as const,
  status_details: null,
});
