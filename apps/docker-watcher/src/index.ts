// The public surface: the service as a function. The command is main.ts.
export { entryLine } from './entry-line.ts';
export { Refusal } from './refusal.ts';
export { startWatcher, type Watcher, type WatcherOptions } from './watcher.ts';
