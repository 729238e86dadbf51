// The problems of a text, one a line, without the name of the file.
import { type Environment, PolicyError, parsePolicy } from '@audit/policy';
import { expect } from 'vitest';

/** `line:column: key message` of each problem; none where the text is a policy. */
export function problemsOf(text: string, env: Environment = {}): readonly string[] {
  try {
    parsePolicy(text, { file: 'f', env });
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const lines = error.message.split('\n');
    expect(lines).toHaveLength(error.problems.length);
    return lines.map((line) => line.replace(/^f:/, ''));
  }
}
