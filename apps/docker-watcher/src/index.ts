// The public surface: the service as a function, and the watch of one engine for those who have a log. The command is
// main.ts.
export { entryLine } from './entry-line.ts';
export { type LocalEngineOptions, watchLocalEngine } from './local-engine.ts';
export { Refusal } from './refusal.ts';
export type { Report, WatchedEngine } from './watched-engine.ts';
export { startWatcher, type Watcher, type WatcherOptions } from './watcher.ts';
