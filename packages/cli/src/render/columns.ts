// Aligned columns for lists and labels. Cells are already visible text; colour is put on after the padding.

/** Rows as lines; every column but the last as wide as its widest cell. */
export function columns(rows: readonly (readonly string[])[], gap = 2): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (let column = 0; column < row.length - 1; column += 1) {
      widths[column] = Math.max(widths[column] ?? 0, width(row[column]!));
    }
  }
  return rows.map((row) => {
    const last = row.length - 1;
    return row
      .map((cell, column) => (column === last ? cell : pad(cell, widths[column]! + gap)))
      .join('')
      .trimEnd();
  });
}

/** Pads with spaces to `size` characters. */
export function pad(text: string, size: number): string {
  return text + ' '.repeat(Math.max(0, size - width(text)));
}

/** At most `size` characters; what is left out shows as `…`. */
export function clip(text: string, size: number): string {
  const characters = [...text];
  return characters.length <= size ? text : `${characters.slice(0, size - 1).join('')}…`;
}

/** Breaks a sentence into lines of at most `size` characters, at spaces; a longer word keeps its line. */
export function wrap(text: string, size: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && width(line) + 1 + width(word) > size) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}

/** `label   text`, the text wrapped under itself; several labels share one width. */
export function labelled(rows: readonly (readonly [label: string, text: string])[], size: number): string[] {
  const indent = Math.max(...rows.map(([label]) => width(label))) + 2;
  return rows.flatMap(([label, text]) =>
    wrap(text, Math.max(40, size - indent)).map(
      (line, index) => pad(index === 0 ? label : '', indent) + line,
    ),
  );
}

// Characters, not cells: an East Asian wide character counts one, which costs alignment only.
function width(text: string): number {
  return [...text].length;
}
