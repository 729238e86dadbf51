// The shop's way to the warehouse: one call, which hands on what makes both services' entries one trace.
import type { Request } from 'express';

/** Longer than this, nobody waits. */
const ANSWERS_WITHIN_MS = 5_000;

export interface Reservation {
  readonly order: string;
  readonly product: string;
  readonly quantity: number;
}

export class WarehouseClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** True once reserved; false where there is not enough of it. @throws Error where the warehouse cannot say */
  async reserve(reservation: Reservation, req: Request): Promise<boolean> {
    const response = await fetch(`${this.#url}/reservations`, {
      method: 'POST',
      headers: {
        ...traceHeaders(req),
        authorization: 'Bearer the-key-of-the-shop',
        'content-type': 'application/json',
      },
      body: JSON.stringify(reservation),
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
    });
    await response.body?.cancel();
    if (!response.ok && response.status !== 409) throw new Error(`the warehouse answered ${response.status}`);
    return response.ok;
  }
}

/** The next service records under the same request id, and under the client's trace where it sent one. */
function traceHeaders({ audit, headers }: Request): Record<string, string> {
  const { requestId } = audit.trace;
  const { traceparent } = headers;
  return {
    ...(requestId !== undefined && { 'x-request-id': requestId }),
    ...(typeof traceparent === 'string' && { traceparent }),
  };
}
