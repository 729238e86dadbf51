// Stands between the application and its response: sees the body pass, and holds the first byte back.
import type { ServerResponse } from 'node:http';
import { encodingOf } from './body-tap.ts';

export interface GateHooks {
  /** Sees each chunk as the application writes it. */
  readonly see?: ((chunk: unknown, encoding: unknown) => void) | undefined;
  /**
   * Called when the first byte would leave, with the header made: nothing leaves before it resolves, and never
   * where it rejects: then `refused` is called, and has the connection to itself.
   */
  readonly admit?: (() => Promise<void>) | undefined;
  readonly refused?: ((error: unknown) => void) | undefined;
}

/**
 * - `waiting`: nothing was written yet
 * - `held`: something was, and waits for `admit`
 * - `open`: everything passes
 * - `refused`: nothing does
 */
type GateState = 'waiting' | 'held' | 'open' | 'refused';

/** Calls that wait, in order. */
interface HeldCall {
  readonly pass: () => unknown;
  readonly callback: ((error: Error) => void) | undefined;
}

/**
 * Wraps `write`, `end` and `flushHeaders` of one response: the only ways by which an application sends bytes. While
 * they are held the response is, to the application, as if they had been sent: the header is made and cannot be
 * changed, `headersSent` and `writableEnded` say so, `write()` answers false and `drain` comes later.
 */
export class ResponseGate {
  readonly #res: ServerResponse;
  readonly #hooks: GateHooks;
  readonly #held: HeldCall[] = [];
  /** Who waits for `drain` since something is held. */
  readonly #waiting: ((...args: unknown[]) => void)[] = [];
  #state: GateState;

  constructor(res: ServerResponse, hooks: GateHooks) {
    this.#res = res;
    this.#hooks = hooks;
    this.#state = hooks.admit === undefined ? 'open' : 'waiting';
    this.#wrap();
  }

  /** Lets everything pass from now on, where nothing was written yet. */
  open(): void {
    if (this.#state === 'waiting') this.#state = 'open';
  }

  #wrap(): void {
    const res = this.#res;
    const { write, end, flushHeaders, writeProcessing, writeEarlyHints } = res;
    const refusal = () => Object.assign(new Error('The response is withheld.'), { code: 'AUDIT_REFUSED' });

    res.write = ((...args: Parameters<ServerResponse['write']>): boolean => {
      if (this.#state === 'open') {
        this.#hooks.see?.(args[0], args[1]);
        return write.apply(res, args);
      }
      // What node refuses it refuses at once, and before anything leaves.
      if (!isChunk(args[0]) || this.#endedWhileHeld) return write.apply(res, args);
      if (this.#state === 'refused') {
        callbackOf(args)?.(refusal());
        return false;
      }
      this.#hold();
      this.#hooks.see?.(args[0], args[1]);
      this.#held.push({ pass: () => write.apply(res, args), callback: callbackOf(args) });
      return false;
    }) as ServerResponse['write'];

    res.end = ((...args: Parameters<ServerResponse['end']>): ServerResponse => {
      const [chunk, encoding] = args as unknown[];
      if (this.#state === 'open') {
        this.#hooks.see?.(chunk, encoding);
        return end.apply(res, args);
      }
      if (this.#endedWhileHeld) return end.apply(res, args);
      if (this.#state === 'refused') {
        callbackOf(args)?.(refusal());
        return res;
      }
      if (!res.headersSent) noteLength(res, chunk, encoding);
      this.#hold();
      this.#hooks.see?.(chunk, encoding);
      this.#held.push({ pass: () => end.apply(res, args), callback: callbackOf(args) });
      this.#endedWhileHeld = true;
      return res;
    }) as ServerResponse['end'];

    res.flushHeaders = () => {
      if (this.#state === 'open') return flushHeaders.call(res);
      if (this.#state === 'refused' || this.#endedWhileHeld) return;
      this.#hold();
      this.#held.push({ pass: () => flushHeaders.call(res), callback: undefined });
    };

    // Hints are no part of the answer and nobody needs them: where the answer has to wait, they are not sent.
    if (this.#hooks.admit === undefined) return;
    const { on } = res;
    res.on = ((name: string, listener: (...args: unknown[]) => void) => {
      if (name === 'drain' && this.#state === 'held') this.#waiting.push(listener);
      return on.call(res, name, listener);
    }) as ServerResponse['on'];
    res.addListener = res.on;
    res.writeProcessing = (...args) => {
      if (this.#state === 'open') writeProcessing.apply(res, args);
    };
    res.writeEarlyHints = (...args: Parameters<ServerResponse['writeEarlyHints']>) => {
      if (this.#state === 'open') writeEarlyHints.apply(res, args);
      else (args[1] as (() => void) | undefined)?.();
    };
  }

  /** `finished` is what `writableEnded` reads; node sets it when `end()` is called, and so is it here. */
  get #endedWhileHeld(): boolean {
    return this.#state === 'held' && this.#res.finished;
  }

  set #endedWhileHeld(ended: boolean) {
    this.#res.finished = ended;
  }

  #hold(): void {
    if (this.#state !== 'waiting') return;
    // Made now, while it can still throw to who is at fault: from here on it counts as sent.
    if (!this.#res.headersSent) this.#res.writeHead(this.#res.statusCode);
    this.#state = 'held';
    this.#hooks.admit?.().then(
      () => this.#release(),
      (error: unknown) => this.#refuse(error),
    );
  }

  #release(): void {
    const ended = this.#endedWhileHeld;
    if (ended) this.#endedWhileHeld = false;
    this.#state = 'open';
    let drained = !ended;
    try {
      for (const { pass } of this.#held.splice(0)) drained = pass() !== false && drained;
    } catch (error) {
      this.#res.destroy(error as Error);
      return;
    }
    if (drained) this.#drain();
  }

  /** Whoever was told to wait may go on: also who listens where a wrapper of the response sent them (compression). */
  #drain(): void {
    const here = new Set<unknown>(this.#res.rawListeners('drain'));
    this.#res.emit('drain');
    for (const listener of this.#waiting.splice(0)) if (!here.has(listener)) listener.call(this.#res);
  }

  #refuse(error: unknown): void {
    this.#state = 'refused';
    this.#hooks.refused?.(error);
    for (const { callback } of this.#held.splice(0)) callback?.(error as Error);
  }
}

function isChunk(chunk: unknown): boolean {
  return typeof chunk === 'string' || chunk instanceof Uint8Array;
}

function callbackOf(args: readonly unknown[]): ((error: Error) => void) | undefined {
  return args.find((arg) => typeof arg === 'function') as ((error: Error) => void) | undefined;
}

/**
 * What node's `end()` does for a response that is ended by its first chunk: the length is known, so the header tells
 * it. Here the header is made before `end()` sees the chunk. Not a public field; if it went, the answer would be
 * chunked, and as right.
 */
function noteLength(res: ServerResponse, chunk: unknown, encoding: unknown): void {
  const length =
    typeof chunk === 'string'
      ? Buffer.byteLength(chunk, encodingOf(encoding))
      : chunk instanceof Uint8Array
        ? chunk.byteLength
        : 0;
  (res as { _contentLength?: number })._contentLength = length;
}
