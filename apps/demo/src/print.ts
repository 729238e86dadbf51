// What the demo prints: short, aligned, within 80 columns; colour only on a terminal.
import { stripVTControlCharacters } from 'node:util';

const onTerminal = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;

function paint(code: number): (text: string) => string {
  return (text) => (onTerminal ? `\u001b[${code}m${text}\u001b[0m` : text);
}

export const bold = paint(1);
export const dim = paint(2);
export const red = paint(31);
export const green = paint(32);
export const yellow = paint(33);

export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** A numbered chapter of the tour. */
export function heading(text: string): void {
  print();
  print(bold(text));
}

/** `✓` or `✗`, and what it stands for. */
export function mark(good: boolean): string {
  return good ? green('✓') : red('✗');
}

/** Pads to a width, colours not counted. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stripVTControlCharacters(text).length));
}

/** Cuts to a width; what was cut is marked. */
export function clip(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join('')}…`;
}
