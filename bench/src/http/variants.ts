// What takes turns: each framework, and each way to record its requests. Imports nothing.

export const FRAMEWORKS = ['express', 'nest-express', 'nest-fastify'] as const;
export type Framework = (typeof FRAMEWORKS)[number];

/**
 * `none`: the application alone. `pino-sync`, `pino-async`: pino-http, under NestJS nestjs-pino, into a file: by
 * pino's default destination, and by the one its documentation recommends for speed. `emit`: ours, every option at
 * its default. `strict`: ours with `onFailure: 'strict'`, where handler and answer wait for the log.
 */
export const VARIANTS = ['none', 'pino-sync', 'pino-async', 'emit', 'strict'] as const;
export type Variant = (typeof VARIANTS)[number];

/** Of these the faster one is the peer. */
export const PEERS: readonly Variant[] = ['pino-sync', 'pino-async'];

/** Everything a server needs to know. */
export interface ServerPlan {
  readonly framework: Framework;
  readonly variant: Variant;
  /** Where it records: its own, empty at the start. */
  readonly directory: string;
}

/** What a server says over its channel. */
export type ServerMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | {
      readonly kind: 'stopped';
      /** From the order until every record was in its file. */
      readonly drainMs: number;
    }
  | { readonly kind: 'usage'; readonly cpuMicros: number };

/** What a server is told. */
export type ServerOrder = 'usage' | 'stop';
