// What a way to tell people is to those who use it. Types, and the error of an attempt that failed.
import type { Alert } from '../alert.ts';

export interface Channel {
  /**
   * One attempt.
   * @param signal ends it
   * @throws DeliveryError where the alert was not taken, or nobody knows whether it was
   */
  deliver(alert: Alert, signal: AbortSignal): Promise<void>;
  close(): void | Promise<void>;
}

/** Why an attempt failed. Its message appears in entries: it never holds an address, a secret, or an answer. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  /** Milliseconds the receiver asks to be left alone. */
  readonly retryAfter: number | undefined;

  constructor(message: string, retryAfter?: number) {
    super(message);
    this.retryAfter = retryAfter;
  }
}
