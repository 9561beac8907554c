// Lays rows of text out in columns. Colour comes later and by cell, so that widths are those of what people see.

export interface Heading {
  readonly title: string;
  /** Numbers stand right, words left. */
  readonly right?: boolean;
}

/** Two spaces between columns, no trailing blanks; wider than `width`, the widest columns give way and end in "…". */
export function layOut(headings: readonly Heading[], rows: readonly (readonly string[])[], options: Layout): string[] {
  const shown = options.header ? [headings.map(({ title }) => title), ...rows] : rows;
  const widths = headings.map((_, index) => Math.max(0, ...shown.map((row) => length(row[index] ?? ""))));
  if (options.width !== undefined) narrow(widths, headings, options.width);
  const paint = options.paint ?? ((text: string) => text);
  return shown.map((row, rowIndex) => {
    const dataIndex = options.header ? rowIndex - 1 : rowIndex;
    const cells = headings.map((heading, index) => {
      const text = cut(row[index] ?? "", widths[index]!);
      const blanks = " ".repeat(widths[index]! - length(text));
      const painted = paint(text, index, dataIndex);
      if (heading.right) return blanks + painted;
      return index === headings.length - 1 ? painted : painted + blanks;
    });
    return cells.join(GAP).trimEnd();
  });
}

export interface Layout {
  readonly header: boolean;
  /** Columns of the terminal; undefined where output is not a terminal, then nothing is cut. */
  readonly width?: number | undefined;
  /** Colours one cell; the heading is row -1. */
  readonly paint?: (text: string, column: number, row: number) => string;
}

const GAP = "  ";
const NARROWEST = 6;

// Words give way before numbers, of which a part says nothing.
function narrow(widths: number[], headings: readonly Heading[], width: number): void {
  const total = (): number => widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1);
  for (const numbersToo of [false, true]) {
    const giving = widths.keys().filter((index) => numbersToo || !headings[index]!.right);
    const candidates = [...giving];
    while (total() > width) {
      const widest = candidates.reduce(
        (best, index) => (widths[index]! > widths[best]! ? index : best),
        candidates[0]!,
      );
      if (widest === undefined || widths[widest]! <= NARROWEST) break;
      widths[widest]!--;
    }
  }
}

function length(text: string): number {
  return [...text].length;
}

function cut(text: string, width: number): string {
  return length(text) <= width ? text : `${[...text].slice(0, width - 1).join("")}…`;
}
