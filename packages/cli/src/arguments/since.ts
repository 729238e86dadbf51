// `--since`: a checkpoint or receipt kept from before, as a file or as its text.
import { CommandError } from '../exit.ts';
import { readSmallFile } from './file.ts';

/** What was trusted before: the text to hand to verification. */
export async function readSince(values: readonly string[]): Promise<string[]> {
  const texts: string[] = [];
  for (const value of values) texts.push(...(await readOne(value)));
  return texts;
}

// A note has line feeds and a receipt begins with a brace; a path has neither.
async function readOne(value: string): Promise<string[]> {
  const isText = value.includes('\n') || value.trimStart().startsWith('{');
  const text = isText ? value : (await readSmallFile(value, '--since: the file')).toString('utf8');
  if (text.trim() === '') throw new CommandError('--since: there is no checkpoint and no receipt in it.');
  return splitReceipts(text);
}

/** A file of receipts, one JSON object a line, is as good as one of them. */
function splitReceipts(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const receipts = lines.every((line) => line.startsWith('{') && line.trimEnd().endsWith('}'));
  return receipts ? lines : [text];
}
