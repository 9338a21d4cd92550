export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface FormPart {
  text: string;
  fileName?: string;
}

/** The parts of a `multipart/form-data` body by name; undefined for what is none. */
export function readMultipart(contentType: string, bodyText: string): Map<string, FormPart> | undefined {
  const boundary = /^multipart\/form-data;\s*boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined || !bodyText.trimEnd().endsWith(`--${boundary}--`)) return undefined;
  const parts = new Map<string, FormPart>();
  for (const part of bodyText.split(`--${boundary}`).slice(1, -1)) {
    const headEnd = part.indexOf('\r\n\r\n');
    const head = part.slice(0, headEnd);
    const name = /\bname="([^"]*)"/.exec(head)?.[1];
    if (headEnd < 0 || name === undefined) return undefined;
    const text = part.slice(headEnd + 4, part.length - 2);
    parts.set(name, { text, fileName: /\bfilename="([^"]*)"/.exec(head)?.[1] });
  }
  return parts;
}
