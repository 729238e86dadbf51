// A reason not to start, made for the person at the terminal. Imports nothing.

/** Shown as the one sentence it is, without a stack trace. */
export class Refusal extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(/[.!?]$/.test(reason) ? reason : `${reason}.`, options);
  }
}
