// The progress bar: on a terminal's stderr, for work that takes longer than a moment; elsewhere nothing at all.
import type { Terminal } from '../terminal.ts';
import { clock, count } from './quantity.ts';

/** Nothing is shown for work shorter than this, in milliseconds. */
const PATIENCE = 500;
/** Milliseconds between two drawings. */
const INTERVAL = 100;
const BAR = 24;
const CLEAR_LINE = '\r\x1b[K';

export interface Progress {
  /** `done` of `total` so far; a `total` of 0 is not known yet. */
  update(done: number, total: number): void;
  /** Takes the bar away. */
  end(): void;
}

const silent: Progress = { update() {}, end() {} };

/** `label` names the work, `unit` what is counted. Without a terminal, as for `--json`, nothing is shown. */
export function startProgress(
  terminal: Terminal | null,
  label: string,
  unit: string,
  now = Date.now,
): Progress {
  if (!terminal?.showsProgress) return silent;
  const started = now();
  let drawn = 0;
  // Speed is that since the first word of progress: starting up is no measure of what is to come.
  let first: { readonly time: number; readonly done: number } | undefined;
  return {
    update(done, total) {
      const time = now();
      first ??= { time, done };
      // What is done needs no bar, however long it took.
      if (total > 0 && done >= total) return;
      if (time - started < PATIENCE || time - drawn < INTERVAL) return;
      drawn = time;
      const rate = time > first.time ? ((done - first.done) * 1000) / (time - first.time) : 0;
      terminal.err.write(CLEAR_LINE + progressLine(label, unit, done, total, rate));
    },
    end() {
      if (drawn > 0) terminal.err.write(CLEAR_LINE);
    },
  };
}

/** `verifying [######------------------]  25 %  12,400 entries/s  ETA 0:42`, at most 80 columns wide. */
export function progressLine(label: string, unit: string, done: number, total: number, rate: number): string {
  const speed = `${count(Math.round(rate))} ${unit}/s`;
  if (total <= 0) return `${label} ${count(done)} ${unit}  ${speed}`;
  const share = Math.min(1, done / total);
  const filled = Math.floor(share * BAR);
  const bar = '#'.repeat(filled) + '-'.repeat(BAR - filled);
  const eta = rate > 0 ? clock((total - done) / rate) : '?';
  return `${label} [${bar}] ${String(Math.floor(share * 100)).padStart(3)} %  ${speed}  ETA ${eta}`;
}
