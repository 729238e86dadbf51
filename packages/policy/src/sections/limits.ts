// Limits on what containers use, and what is done about those that cross them. Written as in the labels of a container,
// which may set its own; @audit/docker reads both, and a test of the watcher holds its grammar and this one together.
import type { z } from 'zod';
import { listSetting } from '../settings/collections.ts';
import { count, decimal, duration, LONGEST_TIMER, percent } from '../settings/quantities.ts';
import { type Reader, setting, Unfit } from '../settings/setting.ts';
import { choice, flag, text } from '../settings/words.ts';
import { given, ifRight, section } from './section.ts';

export type LimitAction = 'none' | 'alert' | 'pause' | 'stop' | 'kill';

const ACTIONS = ['none', 'alert', 'pause', 'stop', 'kill'] as const;

const NUMBER = '\\d{1,15}(?:\\.\\d{1,6})?';
const SHARE = `${NUMBER}%`;
/** As `docker run --memory` takes it. */
const SIZE = `${NUMBER}[bkmgtBKMGT]?`;
const TIME = `${NUMBER}(?:ms|s|m|h|d)`;
const COUNT = '\\d{1,9}';

export const limitsSection = section(
  {
    memory: setting(
      limit(`${SHARE}|${SIZE}`, '90% or 512m'),
      'Memory in use without the page cache: a share of what the container may have, or a size.',
      '90%',
    ),
    cpu: setting(
      limit(SHARE, '50%'),
      'Share of its scheduling periods in which a container with a CPU quota was throttled.',
      '50%',
    ),
    pids: setting(
      limit(`${SHARE}|${COUNT}`, '100% or 200'),
      'Processes: a share of the --pids-limit of the container, or a number.',
      '100%',
    ),
    disk: setting(
      limit(`${SIZE}/s`, '50m/s'),
      'Bytes read from and written to block devices a second.',
      'off',
    ),
    network: setting(limit(`${SIZE}/s`, '50m/s'), 'Bytes received and sent a second.', 'off'),
    time: setting(limit(TIME, '2h', false), 'Run time of one life of a container.', 'off'),
    restarts: setting(
      limit(`${COUNT}/${TIME}`, '5/10m', false),
      'Restarts within a time that are a restart loop.',
      '5/10m',
    ),
    action: setting(
      choice(...ACTIONS),
      'What is done about a violation where its limit does not say it.',
      'alert',
    ),
    protect: listSetting(
      text(),
      'Containers that are never paused, stopped or killed: names, with * for any characters, or whole ids.',
      [],
    ),
    labels: setting(
      flag,
      'Whether audit.limits.* labels of a container count. Whoever creates it writes them.',
      true,
    ),
    sustained: setting(
      duration({ most: LONGEST_TIMER }),
      'How long a limit must be crossed, or no longer be, to count.',
      '30s',
    ),
    release: setting(
      percent({ least: 10, most: 100 }),
      'A violation is over below this share of its limit.',
      '90%',
    ),
    updateInterval: setting(
      duration({ least: 1, most: LONGEST_TIMER }),
      'An open violation is told again at most this often.',
      '10m',
    ),
    sampleInterval: setting(
      duration({ least: 100, most: LONGEST_TIMER }),
      'Time between two samples of one container, where samplesPerSecond allows.',
      '10s',
    ),
    samplesPerSecond: setting(
      decimal({ least: 0.1, most: 1_000 }),
      'Samples taken a second, of all containers; beyond it they take turns.',
      5,
    ),
    samplesInFlight: setting(count({ least: 1, most: 1_000 }), 'Samples asked for at one time.', 16),
    stopTimeout: setting(
      wholeSeconds(),
      'How long a container is given to stop before the engine kills it; whole seconds.',
      '10s',
    ),
    actionTimeout: setting(
      duration({ least: 1, most: LONGEST_TIMER }),
      'How long an action may take before it counts as failed; longer than stopTimeout.',
      '1m',
    ),
  },
  'Limits on what containers use: <limit> [for <duration>] [none|alert|pause|stop|kill], or off.',
).refine(({ stopTimeout, actionTimeout }) => (actionTimeout ?? 60_000) > (stopTimeout ?? 10) * 1_000, {
  path: ['actionTimeout'],
  error: 'must be longer than stopTimeout',
  when: ifRight('stopTimeout', 'actionTimeout'),
});

/** Limits as @audit/docker takes them: as they are written; times in milliseconds, `stopTimeout` in seconds. */
export interface LimitsPolicy {
  readonly memory?: string;
  readonly cpu?: string;
  readonly pids?: string;
  readonly disk?: string;
  readonly network?: string;
  readonly time?: string;
  readonly restarts?: string;
  readonly action?: LimitAction;
  readonly protect?: readonly string[];
  readonly labels?: boolean;
  readonly sustained?: number;
  /** A fraction of 1. */
  readonly release?: number;
  readonly updateInterval?: number;
  readonly sampleInterval?: number;
  readonly samplesPerSecond?: number;
  readonly samplesInFlight?: number;
  readonly stopTimeout?: number;
  readonly actionTimeout?: number;
}

/** The section as the watcher takes it. */
export function limitsOptions(values: z.output<typeof limitsSection>): LimitsPolicy {
  return given(values);
}

/**
 * `<limit> [for <duration>] [<action>]`, one space between words, or `off`.
 *
 * @param form what may stand as the limit, as the source of a regular expression
 * @param lasting whether it must be crossed for a time
 */
function limit(form: string, example: string, lasting = true): Reader<string> {
  const during = lasting ? `(?: for (${TIME}))?` : '()';
  const rule = new RegExp(`^(?:off|(${form})${during}(?: (?:${ACTIONS.join('|')}))?)$`);
  const words = `${lasting ? '"for 30s" and ' : ''}one of ${ACTIONS.join(', ')}`;
  return {
    json: { type: ['string', 'integer'], pattern: rule.source },
    read(value) {
      // A number of processes or bytes may stand without quotes.
      const text = Number.isSafeInteger(value) ? String(value) : value;
      const [, amount, time] = (typeof text === 'string' && rule.exec(text)) || [];
      const parts = [...(amount?.split('/') ?? []), ...(time ? [time] : [])];
      if ((amount === undefined && text !== 'off') || !parts.every(isPositive)) {
        throw new Unfit(`must be a limit such as ${example}, after it if wanted ${words}; or off`);
      }
      return text as string;
    },
  };
}

/** `s` of `50m/s` is no amount. A share is at most all. */
function isPositive(amount: string): boolean {
  const number = Number.parseFloat(amount);
  return amount === 's' || (number > 0 && (!amount.endsWith('%') || number <= 100));
}

function wholeSeconds(): Reader<number> {
  const time = duration({ most: 86_400_000 });
  return {
    json: time.json,
    read(value, fromEnvironment) {
      const milliseconds = time.read(value, fromEnvironment);
      if (milliseconds % 1_000 !== 0) throw new Unfit('must be whole seconds');
      return milliseconds / 1_000;
    },
  };
}
