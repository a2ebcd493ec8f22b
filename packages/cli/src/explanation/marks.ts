/** A stretch of a text, and the numbers of the reasons it is evidence of; none for the words around. */
export interface Piece {
  readonly text: string;
  readonly reasons: readonly number[];
}

export interface Mark {
  readonly start: number;
  readonly end: number;
  readonly reason: number;
}

/** Cuts a text into marked and plain pieces, which together are the text. Marks that overlap become one, of all their reasons. */
export function piecesOf(text: string, marks: readonly Mark[]): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { start, end, reasons } of merged(marks)) {
    if (start > at) pieces.push({ text: text.slice(at, start), reasons: [] });
    pieces.push({ text: text.slice(start, end), reasons });
    at = end;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), reasons: [] });
  return pieces;
}

function merged(marks: readonly Mark[]): { start: number; end: number; reasons: number[] }[] {
  const runs: { start: number; end: number; reasons: number[] }[] = [];
  for (const { start, end, reason } of [...marks].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const last = runs.at(-1);
    if (last === undefined || start >= last.end) {
      runs.push({ start, end, reasons: [reason] });
      continue;
    }
    last.end = Math.max(last.end, end);
    last.reasons = [...new Set([...last.reasons, reason])].sort((a, b) => a - b);
  }
  return runs;
}

/** Leaves out the middle of plain stretches longer than twice `around`, and says how much is left out. */
export function elided(pieces: readonly Piece[], around: number, say: (left: number) => string): Piece[] {
  return pieces.map((piece, index) => {
    const { text, reasons } = piece;
    if (reasons.length > 0 || text.length <= around * 3) return piece;
    const head = index === 0 && pieces.length > 1 ? '' : text.slice(0, around);
    const tail = index === pieces.length - 1 && pieces.length > 1 ? '' : text.slice(text.length - around);
    return { text: `${head}${say(text.length - head.length - tail.length)}${tail}`, reasons };
  });
}
