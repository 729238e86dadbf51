// Asks the signer for the note of a batch, and goes on asking while the signer is away.
import { AuditError } from '../errors.ts';
import type { Hash } from '../merkle/hasher.ts';
import { signCheckpoint } from '../note/sign.ts';
import type { Signer } from '../note/signer.ts';
import { backOff } from './back-off.ts';

export interface SealerHooks {
  /** An attempt failed or hangs; called for each. */
  down(error: Error): void;
  /** It signed, after so many milliseconds. */
  up(milliseconds: number): void;
}

/** One signer, one origin. A signature that comes late counts: the text is the same. */
export class Sealer {
  readonly #signer: Signer;
  readonly #origin: string;
  readonly #attemptTimeout: number;
  readonly #hooks: SealerHooks;
  readonly #running = new Set<(error: AuditError) => void>();

  constructor(signer: Signer, origin: string, attemptTimeout: number, hooks: SealerHooks) {
    this.#signer = signer;
    this.#origin = origin;
    this.#attemptTimeout = attemptTimeout;
    this.#hooks = hooks;
  }

  /** The note; resolves whenever the signer is there, rejects only after `abort`. `failed` is told each time. */
  seal(size: number, root: Hash, failed: () => void): Promise<string> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      let attempts = 0;
      const finish = () => {
        clearTimeout(timer);
        this.#running.delete(abort);
      };
      const abort = (error: AuditError) => {
        finish();
        reject(error);
      };
      const succeed = (note: string, began: number) => {
        if (!this.#running.has(abort)) return;
        finish();
        this.#hooks.up(performance.now() - began);
        resolve(note);
      };
      const attempt = () => {
        let open = true;
        const began = performance.now();
        const fail = (error: unknown) => {
          if (!open || !this.#running.has(abort)) return;
          open = false;
          this.#hooks.down(error instanceof Error ? error : new Error(String(error)));
          failed();
          clearTimeout(timer);
          // A timer that keeps the process alive: events are pending.
          timer = setTimeout(attempt, backOff(attempts++, this.#attemptTimeout));
        };
        timer = setTimeout(fail, this.#attemptTimeout, hanging(this.#attemptTimeout));
        signCheckpoint({ origin: this.#origin, size, root }, this.#signer).then(
          (note) => succeed(note, began),
          fail,
        );
      };
      this.#running.add(abort);
      attempt();
    });
  }

  /** Gives up what is being asked for: its batch is not committed. */
  abort(error: AuditError): void {
    for (const abort of [...this.#running]) abort(error);
  }
}

function hanging(ms: number): AuditError {
  return new AuditError('SIGNER_DOWN', `The signer did not answer within ${ms} ms; it is asked again.`);
}
