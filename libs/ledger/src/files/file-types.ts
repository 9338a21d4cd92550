/** A file is named by its tenant and its id, everywhere: there is no way to one without its tenant. */
export interface FileRef {
  tenantId: string;
  fileId: string;
}

export interface NewFile extends FileRef {
  purpose: string;
  filename: string;
  /** What all files of the tenant may take together before this one; absent: any. */
  maxTenantBytes?: number;
}

export interface StoredFile extends FileRef {
  purpose: string;
  filename: string;
  sizeBytes: number;
  createdAtMs: number;
  /** Epoch milliseconds; absent: never. */
  expiresAtMs?: number;
}

/** A file that is written when it is read: the results of a batch. */
export interface ResultFile extends Omit<StoredFile, 'sizeBytes'> {
  /** Undefined: it depends on how the lines are written. */
  sizeBytes?: undefined;
  batchId: string;
  part: ResultPart;
}

/** `output`: what succeeded; `error`: what did not. */
export type ResultPart = 'output' | 'error';

export type ListedFile = StoredFile | ResultFile;

export interface FileListOptions {
  limit: number;
  /** Those behind this one, in the order asked for. */
  afterFileId?: string;
  purpose?: string;
  /** By when they were made; default: newest first. */
  order?: 'asc' | 'desc';
}

/** The file of a part of a batch's results. */
export const resultFileId = (batchId: string, part: ResultPart): string => `file-${batchId}-${part}`;
