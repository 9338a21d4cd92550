/** Splits a text into at most `count` pieces of nearly equal length; none is empty. */
export function splitText(text: string, count: number): string[] {
  const pieceCount = Math.min(count, text.length);
  const pieces: string[] = [];
  let start = 0;
  for (let i = 1; i <= pieceCount; i += 1) {
    const end = Math.floor((i * text.length) / pieceCount);
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}
