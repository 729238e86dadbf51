// What happens to an operation that cannot be recorded: chosen by rule, in adapters and policy. Types only.

/**
 * - `strict`: the operation fails, too
 * - `spool`: the event waits in a bounded file
 * - `best-effort`: the operation goes on, the loss is counted and told by `log.gap`
 *
 * Source: architecture.md, *When things fail*.
 */
export const ON_FAILURE = ['strict', 'spool', 'best-effort'] as const;
export type OnFailure = (typeof ON_FAILURE)[number];
