// What is wrong with a policy, and the error that carries all of it. Imports nothing.

/** One thing that is wrong, and where. */
export interface PolicyProblem {
  /** The file as it was named by the caller. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** The key it is about, e.g. `performance.queueEvents`; empty for the file as a whole. */
  readonly key: string;
  /** What is wrong and what to do; a sentence without the place. */
  readonly message: string;
}

/**
 * `POLICY_UNREADABLE`: there is no such text. `POLICY_INVALID`: it does not say what a policy can say.
 * `MONITORING_UNAVAILABLE`: where it says health and metrics are, nothing can listen. `MAINTENANCE_STATE`: what is kept of
 * maintenance cannot be read, or is another log's.
 */
export type PolicyErrorCode =
  | 'POLICY_UNREADABLE'
  | 'POLICY_INVALID'
  | 'MONITORING_UNAVAILABLE'
  | 'MAINTENANCE_STATE';

/** A policy that cannot be used. Nothing of it was applied. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly code: PolicyErrorCode;
  /** Every problem, in the order of the file; empty where it cannot be read. */
  readonly problems: readonly PolicyProblem[];

  constructor(
    code: PolicyErrorCode,
    message: string,
    problems: readonly PolicyProblem[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.problems = problems;
  }
}

/** `config/audit.yaml:12:3: performance.queueEvents must be …` */
export function formatProblem({ file, line, column, key, message }: PolicyProblem): string {
  return `${file}:${line}:${column}: ${key === '' ? '' : `${key} `}${message}`;
}

/** The problems of these files as the error that is thrown. */
export function invalidPolicy(problems: readonly PolicyProblem[], files: readonly string[]): PolicyError {
  const sorted = [...problems].sort(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
  return new PolicyError('POLICY_INVALID', sorted.map(formatProblem).join('\n'), sorted);
}
