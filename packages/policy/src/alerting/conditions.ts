// Looks whether the log is as it should be: lost events, a log that stopped, room on its volume.
import { statfs } from 'node:fs/promises';
import type { AuditLog } from '@audit/core';
import type { Rule } from './rule.ts';
import type { Rules } from './rules.ts';

export class Conditions {
  readonly #log: AuditLog;
  readonly #rules: Rules;
  readonly #now: () => number;
  /** Lost when somebody was told last, or when alerting began: what was lost before stands in `log.gap`. */
  #lost: number;
  /** Conditions that hold since the last look: told once where a rule has no `repeat`. */
  readonly #holding = new Set<Rule>();
  #looking = false;

  constructor(log: AuditLog, rules: Rules, now: () => number) {
    this.#log = log;
    this.#rules = rules;
    this.#now = now;
    this.#lost = lostOf(log);
  }

  /** The log said that something was lost or is at risk. */
  degraded(reason: string): void {
    this.look();
    this.#rules.condition('lost', { at: this.#now(), weight: 0, summary: `The log is degraded: ${reason}` });
  }

  /** What can be seen at once. */
  look(): void {
    const lost = lostOf(this.#log);
    if (lost > this.#lost) {
      const more = lost - this.#lost;
      this.#lost = lost;
      const facts = { lost: more, ...this.#log.health().lost };
      this.#rules.condition('lost', {
        at: this.#now(),
        weight: more,
        summary: `${more} events were lost.`,
        facts,
      });
    }
    const { status, reasons } = this.#log.health();
    for (const rule of this.#about('stopped')) {
      this.#holds(rule, status === 'stopped', `The log has stopped: ${reasons.join(' ')}`, {});
    }
  }

  /** What the operating system has to be asked for. */
  async lookAtDisk(): Promise<void> {
    const rules = this.#about('disk');
    if (rules.length === 0 || this.#looking) return;
    this.#looking = true;
    try {
      const { bsize, bavail, blocks } = await statfs(this.#log.info().location);
      const free = bavail * bsize;
      const size = blocks * bsize;
      for (const rule of rules) {
        const wanted = rule.diskFree!;
        const least = 'bytes' in wanted ? wanted.bytes : wanted.share * size;
        const summary = `The volume of the log has ${free} of ${size} bytes free, less than ${Math.ceil(least)}.`;
        this.#holds(rule, free < least, summary, { free, size });
      }
    } catch {
      // A log that is in no directory, or in one that is gone: the log itself says so when it writes.
    } finally {
      this.#looking = false;
    }
  }

  #about(condition: Rule['condition']): readonly Rule[] {
    return this.#rules.all.filter((rule) => rule.condition === condition);
  }

  #holds(rule: Rule, holds: boolean, summary: string, facts: Readonly<Record<string, number>>): void {
    const before = this.#holding.has(rule);
    if (!holds) this.#holding.delete(rule);
    else {
      this.#holding.add(rule);
      if (before && rule.repeat === 0) return;
      this.#rules.condition(rule.condition!, { at: this.#now(), weight: 0, summary, facts }, rule);
    }
  }
}

/** Without what handlers drop: somebody chose to. */
function lostOf(log: AuditLog): number {
  return Object.entries(log.health().lost).reduce(
    (sum, [reason, count]) => (reason === 'dropped' ? sum : sum + count),
    0,
  );
}
