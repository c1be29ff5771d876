// The name that somebody may have meant. Without the library's package for it: set-up, which installs packages, needs it too.

/** The nearest of some names, if it is near enough to be a slip of the fingers; undefined otherwise. */
export function suggest(given, names) {
  const near = names.map((name) => ({ name, distance: distance(given, name) })).sort((a, b) => a.distance - b.distance);
  const [best] = near;
  return best && best.distance <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : undefined;
}

/** Characters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
export function distance(one, other) {
  const rows = Array.from({ length: one.length + 1 }, (_, row) => [row]);
  for (let column = 0; column <= other.length; column += 1) rows[0][column] = column;
  for (let row = 1; row <= one.length; row += 1) {
    for (let column = 1; column <= other.length; column += 1) {
      const replaced = rows[row - 1][column - 1] + (one[row - 1] === other[column - 1] ? 0 : 1);
      rows[row][column] = Math.min(replaced, rows[row - 1][column] + 1, rows[row][column - 1] + 1);
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (row > 1 && column > 1 && swapped)
        rows[row][column] = Math.min(rows[row][column], rows[row - 2][column - 2] + 1);
    }
  }
  return rows[one.length][other.length];
}
