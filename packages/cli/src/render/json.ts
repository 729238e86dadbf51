// JSON for `--json`: exact values, and safe on a terminal too.
import { visibleJson } from './visible.ts';

/** One object, indented, with a final newline; hidden characters as `\u` escapes. */
export function jsonText(value: unknown): string {
  return `${visibleJson(JSON.stringify(value, null, 2))}\n`;
}

/** The same on one line, for streams of objects. */
export function jsonLine(value: unknown): string {
  return `${visibleJson(JSON.stringify(value))}\n`;
}
