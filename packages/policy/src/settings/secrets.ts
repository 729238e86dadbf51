// Secrets, which do not stand in the file: they come from the environment, or from a file of their own.
import { readFileSync } from 'node:fs';
import { type Reader, Unfit } from './setting.ts';
import { path, type TextRule, text } from './words.ts';

/** A secret from the environment. One that stands in the policy is refused, and not repeated in the message. */
export function secret(rule: TextRule): Reader<string> {
  return {
    json: { type: 'string', pattern: '\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}' },
    read(value, fromEnvironment) {
      if (!fromEnvironment) {
        throw new Unfit(`is a secret and does not stand here: write \${NAME}, or name a file that holds it`);
      }
      return text(rule).read(value, fromEnvironment);
    },
  };
}

/** The text of a file, without the line end that editors put behind it. */
export function fileText(rule: TextRule): Reader<string> {
  return {
    json: path.json,
    read(value, fromEnvironment) {
      const file = path.read(value, fromEnvironment);
      let content: string;
      try {
        content = readFileSync(file, 'utf8');
      } catch (error) {
        throw new Unfit(`must be a file that can be read (${(error as NodeJS.ErrnoException).code})`);
      }
      const trimmed = content.replace(/\r?\n$/, '');
      if (trimmed === '' || !rule.test(trimmed)) throw new Unfit(`must be a file that holds ${rule.what}`);
      return trimmed;
    },
  };
}
