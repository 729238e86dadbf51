// What can run out, and what can be done about it: the names, and nothing else. Imports nothing.

/** What a limit is about. Source: events.md, `resource.violation`. */
export const RESOURCES = ['memory', 'cpu', 'pids', 'disk', 'network', 'time', 'restarts'] as const;
export type ResourceKind = (typeof RESOURCES)[number];

/**
 * What is done about a violation, once when it opens:
 * - `none`: it is recorded
 * - `alert`: it is recorded as one that somebody is to be told of
 * - `pause`, `stop`, `kill`: carried out through the engine, and recorded with what came of it
 */
export type LimitAction = 'none' | 'alert' | 'pause' | 'stop' | 'kill';

/** All of them. */
export const LIMIT_ACTIONS: readonly LimitAction[] = ['none', 'alert', 'pause', 'stop', 'kill'];

/** The actions that change a container. */
export type EngineAction = Extract<LimitAction, 'pause' | 'stop' | 'kill'>;
