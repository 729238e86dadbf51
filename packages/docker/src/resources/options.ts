// Limits on what containers use, how they are watched, and what is done about a violation.

export interface ResourceOptions {
  /** Milliseconds between two samples of one container. */
  readonly interval?: number;
}
