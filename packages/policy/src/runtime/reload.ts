// Taking over what changed in a policy while its log is open: what is safe, and nothing that a locked policy forbids.
import type { AuditLog } from '@audit/core';
import { adapterDetails, type KeyChange, keyChanges, type PolicyChange } from '../compare/compare.ts';
import { fingerprint } from '../compare/fingerprint.ts';
import type { EventRulesHandler } from '../events/event-rules.ts';
import { loadPolicy } from '../load.ts';
import type { ParseOptions, Policy } from '../parse.ts';
import { PolicyError } from '../problem.ts';
import { rememberPicked, type StatedSetting } from '../stated.ts';
import { changeEvent, invalidEvent } from './config-change.ts';
import { isReloadable, isWithin } from './reloadable.ts';
import type { RunningServices } from './running-services.ts';

/**
 * What came of a reload.
 *
 * - `unchanged`: the file says what is in force · `applied`: `applied` is in force, `waiting` is not until a restart
 * - `refused`: the policy is locked, and `refused` would weaken it: nothing was taken over
 * - `invalid`: the file is no policy (`error`): nothing was taken over
 */
export interface ReloadOutcome {
  readonly status: 'unchanged' | 'applied' | 'refused' | 'invalid';
  readonly applied: readonly PolicyChange[];
  readonly waiting: readonly PolicyChange[];
  readonly refused: readonly PolicyChange[];
  readonly error?: PolicyError;
}

const NOTHING = { applied: [], waiting: [], refused: [] } as const;

export interface ReloaderParts {
  readonly file: string;
  readonly options: Pick<ParseOptions, 'env'>;
  readonly log: AuditLog;
  readonly events: EventRulesHandler;
  readonly services: RunningServices;
}

/** Owns the policy that is in force. */
export class Reloader {
  readonly #parts: ReloaderParts;
  #policy: Policy;
  #waiting: readonly PolicyChange[] = [];
  /** Told already, so that looking at the same file again says nothing new. */
  #told = new Set<string>();
  #invalid: string | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(policy: Policy, parts: ReloaderParts) {
    this.#policy = policy;
    this.#parts = parts;
  }

  get policy(): Policy {
    return this.#policy;
  }

  /** What the file says and only a restart brings. */
  get waiting(): readonly PolicyChange[] {
    return this.#waiting;
  }

  /** One at a time. Rejects where the change cannot be recorded; then nothing was taken over. */
  reload(): Promise<ReloadOutcome> {
    const done = this.#turn.then(() => this.#reload());
    this.#turn = done.catch(() => {});
    return done;
  }

  async #reload(): Promise<ReloadOutcome> {
    const { file, options } = this.#parts;
    let next: Policy;
    try {
      next = await loadPolicy(file, options);
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      return this.#refuseInvalid(error);
    }
    this.#invalid = undefined;
    const changes = keyChanges(this.#policy, next);
    const now = changes.filter((change) => this.#isLive(change) && !this.#isUnlocking(change));
    const waiting = [
      ...changes.filter((change) => !now.includes(change)),
      ...this.#adaptersBehind(next, changes),
    ];
    const refused = this.#policy.locked ? now.filter(({ weakening }) => weakening) : [];
    if (refused.length > 0) {
      await this.#tell(refused.map((change) => [change, 'never']));
      return { ...NOTHING, status: 'refused', refused };
    }
    // First the entries: what cannot be recorded is not done.
    await this.#tell([
      ...now.map((change) => [change, 'now'] as const),
      ...waiting.map((change) => [change, 'restart'] as const),
    ]);
    await this.#apply(next, now);
    this.#waiting = waiting;
    if (changes.length + waiting.length === 0) return { ...NOTHING, status: 'unchanged' };
    return { status: 'applied', applied: now, waiting, refused: [] };
  }

  async #refuseInvalid(error: PolicyError): Promise<ReloadOutcome> {
    if (this.#invalid !== error.message) {
      await this.#parts.log.record(invalidEvent(this.#parts.file, error));
      this.#invalid = error.message;
    }
    return { ...NOTHING, status: 'invalid', error };
  }

  #isLive({ pattern }: Pick<StatedSetting, 'pattern'>): boolean {
    return isReloadable(pattern, this.#parts.services.reloadable);
  }

  /** A level acts on events at once; the adapters have the rules they were given when they were made. */
  #adaptersBehind(next: Policy, changes: readonly KeyChange[]): readonly KeyChange[] {
    return adapterDetails(this.#policy, next).filter(
      ({ pattern }) =>
        !changes.some((change) => change.pattern.slice(0, 2).join() === pattern.slice(0, 2).join()),
    );
  }

  #isUnlocking({ key }: KeyChange): boolean {
    return key === 'locked' && this.#policy.locked;
  }

  async #tell(changes: readonly (readonly [KeyChange, 'now' | 'restart' | 'never'])[]): Promise<void> {
    const names = changes.map(([change, when]) =>
      fingerprint([change.key, change.before, change.after, when]),
    );
    // What came into force is news each time; what waits or was refused is the same attempt until the file changes.
    const news = changes.filter(([, when], at) => when === 'now' || !this.#told.has(names[at]!));
    await Promise.all(news.map(([change, when]) => this.#parts.log.record(changeEvent(change, when))));
    this.#told = new Set(names);
  }

  async #apply(next: Policy, now: readonly KeyChange[]): Promise<void> {
    if (now.length === 0) return;
    const { events, services } = this.#parts;
    const sections = services.reloadable.filter((section) =>
      now.some(({ pattern }) => isWithin(pattern.join('.'), section)),
    );
    const old = this.#policy;
    const taken = Object.fromEntries(
      sections.map((section) => section.split('.')[0]!).map((name) => [name, next[name as keyof Policy]]),
    );
    const policy: Policy = { ...old, ...taken, events: next.events, locked: old.locked || next.locked };
    rememberPicked(
      policy,
      old,
      next,
      (stated) => this.#isLive(stated) && !(stated.path[0] === 'locked' && old.locked),
    );
    this.#policy = policy;
    events.replace(next.events);
    await services.reload(policy, new Set(sections));
  }
}
