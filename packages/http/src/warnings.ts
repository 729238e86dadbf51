// One place where the adapters speak up: each warning once. Imports nothing.

/** What can go wrong without breaking a response. Also the `code` of the process warning. */
export type HttpWarningCode =
  | 'AUDIT_NOT_RECORDED'
  | 'AUDIT_REFUSED'
  | 'AUDIT_CALLBACK_FAILED'
  | 'AUDIT_TRUST_PROXY';

/** Warns the first time a code comes up; later ones of the same code stay silent. */
export class Warnings {
  readonly #said = new Set<HttpWarningCode>();

  once(code: HttpWarningCode, message: string): void {
    if (this.#said.has(code)) return;
    this.#said.add(code);
    process.emitWarning(message, { type: 'AuditWarning', code });
  }
}
