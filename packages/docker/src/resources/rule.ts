// One limit as it is written in an option or a label, `90% for 30s kill`, and what it means.
import { LIMIT_ACTIONS, type LimitAction, type ResourceKind } from './kinds.ts';
import { parseCount, parseDuration, parsePercent, parseSize } from './quantity.ts';

/** Where a limit is: at a share of what the container may have, or at an amount. */
export type Threshold =
  | { readonly share: number; readonly amount?: undefined }
  | { readonly amount: number; readonly share?: undefined };

export interface LimitRule {
  readonly kind: ResourceKind;
  /** As it was written, for the entry. */
  readonly text: string;
  /** memory: bytes; cpu: share of periods; pids: processes; disk, network: bytes/s; time: ms; restarts: a number. */
  readonly threshold: Threshold;
  /** Restarts are counted over this time. */
  readonly windowMs?: number | undefined;
  /** How long it must be crossed; undefined: as the options say. */
  readonly sustainedMs?: number | undefined;
  /** What is done; undefined: as the options say. */
  readonly action?: LimitAction | undefined;
}

/** Kinds that are about time themselves: a `for` has no meaning for them. */
const LASTING: readonly ResourceKind[] = ['time', 'restarts'];

/** Turns a limit off, in an option as in a label. */
export const OFF = 'off';

/** The limit behind an OOM kill, which nobody has to set. */
export const OOM_RULE: LimitRule = { kind: 'memory', text: 'oom', threshold: { share: 1 } };

const FORMS: Readonly<Record<ResourceKind, string>> = {
  memory: '"90%" or "512m"',
  cpu: '"25%" of its periods',
  pids: '"100%" or "200"',
  disk: '"50m/s"',
  network: '"50m/s"',
  time: '"2h"',
  restarts: '"5/10m"',
};

/**
 * `<limit> [for <duration>] [<action>]`, one space between words; null for `off`.
 * @throws RangeError with a sentence that says what may stand there
 */
export function parseRule(kind: ResourceKind, text: string): LimitRule | null {
  if (text === OFF) return null;
  const [limit = '', ...rest] = text.split(' ');
  const found = thresholdOf(kind, limit);
  if (found === undefined) throw wrong(kind, text);
  let sustainedMs: number | undefined;
  if (rest[0] === 'for' && !LASTING.includes(kind)) {
    sustainedMs = parseDuration(rest[1] ?? '');
    if (sustainedMs === undefined) throw wrong(kind, text);
    rest.splice(0, 2);
  }
  const action = rest.shift() as LimitAction | undefined;
  if (rest.length > 0 || (action !== undefined && !LIMIT_ACTIONS.includes(action))) throw wrong(kind, text);
  return { kind, text, ...found, sustainedMs, action };
}

function thresholdOf(
  kind: ResourceKind,
  text: string,
): Pick<LimitRule, 'threshold' | 'windowMs'> | undefined {
  switch (kind) {
    case 'memory':
      return share(text) ?? amount(parseSize(text));
    case 'cpu':
      return share(text);
    case 'pids':
      return share(text) ?? amount(parseCount(text));
    case 'disk':
    case 'network':
      return text.endsWith('/s') ? amount(parseSize(text.slice(0, -2))) : undefined;
    case 'time':
      return amount(parseDuration(text));
    case 'restarts': {
      const [count = '', window = '', ...more] = text.split('/');
      const windowMs = parseDuration(window);
      const found = amount(parseCount(count));
      return found && windowMs && more.length === 0 ? { ...found, windowMs } : undefined;
    }
  }
}

function share(text: string): { readonly threshold: Threshold } | undefined {
  const found = parsePercent(text);
  return found === undefined ? undefined : { threshold: { share: found } };
}

function amount(found: number | undefined): { readonly threshold: Threshold } | undefined {
  return found === undefined ? undefined : { threshold: { amount: found } };
}

function wrong(kind: ResourceKind, text: string): RangeError {
  const lasting = LASTING.includes(kind) ? '' : '"for 30s" and ';
  return new RangeError(
    `${JSON.stringify(text.slice(0, 64))} is no limit of ${kind}: write ${FORMS[kind]}, after it if wanted ` +
      `${lasting}one of ${LIMIT_ACTIONS.join(', ')}; or "${OFF}"`,
  );
}
