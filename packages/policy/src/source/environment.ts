// `${NAME}` inside of a value: the one way the environment reaches a policy. Imports nothing.

export type Environment = Readonly<Record<string, string | undefined>>;

/** `${NAME}`, `$${` for the two characters themselves, and what begins like a name and is none. */
const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g;

/**
 * A value that came from the environment, as a whole or in part. It has no type of its own there: what it is a number
 * or a word depends on the key. Its text may be a secret and is not repeated in messages.
 */
export class EnvironmentText {
  readonly text: string;
  /** The names it was made of. */
  readonly names: readonly string[];
  /** As it is written: what may be shown. */
  readonly written: string;

  constructor(text: string, names: readonly string[], written: string) {
    this.text = text;
    this.names = names;
    this.written = written;
  }
}

/** A text from the environment as the text it is, where no setting looks at it; anything else as it is. */
export function plain(value: unknown): unknown {
  return value instanceof EnvironmentText ? value.text : value;
}

/** @throws Error with what is wrong, where a variable is not set or the reference is none */
export function substitute(text: string, env: Environment): string | EnvironmentText {
  if (!text.includes('${')) return text;
  const names: string[] = [];
  const out = text.replace(REFERENCE, (match, name: string | undefined) => {
    if (match === '$${') return '${';
    if (name === undefined) {
      throw new Error(
        'begins a reference with "${" that is none; write "$${" where the two characters are meant',
      );
    }
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value === undefined) throw new Error(`needs the environment variable ${name}, which is not set`);
    names.push(name);
    return value;
  });
  return names.length === 0 ? out : new EnvironmentText(out, names, text);
}
