// A reason not to start, made for the person who reads the service's output. Imports nothing.

/** The command line or the policy is wrong: starting again will not mend it. */
export const EXIT_MISCONFIGURED = 2;
/** Something around is not as it should be; it may be at the next start. */
export const EXIT_FAILED = 1;

/** Shown as the sentence it is, without a stack trace. */
export class Refusal extends Error {
  readonly status: number;

  constructor(reason: string, status: number, options?: ErrorOptions) {
    super(/[.!?]$/.test(reason) ? reason : `${reason}.`, options);
    this.status = status;
  }
}
