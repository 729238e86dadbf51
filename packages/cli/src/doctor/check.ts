// What one look of `audit doctor` found. Types and their order only; imports nothing.

/** `bad`: the log cannot be opened or trusted as it is. `warn`: it works, and should be seen to. */
export type CheckStatus = 'ok' | 'warn' | 'bad';

export interface Check {
  /** What was looked at, in one or two words. */
  readonly name: string;
  readonly status: CheckStatus;
  /** What was found, in one sentence. */
  readonly message: string;
  /** What to do about it; absent where there is nothing to do. */
  readonly remedy?: string;
}

/** The directory under examination and where its private side lies. */
export interface Patient {
  readonly directory: string;
  readonly stateDirectory: string;
  /** The signing key's file: given, named by AUDIT_KEY_FILE, or in the private side. */
  readonly keyFile: string;
}

export function ok(name: string, message: string): Check {
  return { name, status: 'ok', message };
}

export function warn(name: string, message: string, remedy: string): Check {
  return { name, status: 'warn', message, remedy };
}

export function bad(name: string, message: string, remedy: string): Check {
  return { name, status: 'bad', message, remedy };
}
