// What is done about a disk that fills up.
import type { z } from 'zod';
import { DISK_ACTIONS, type DiskLadder, type DiskThreshold } from '../monitoring/disk/ladder.ts';
import { duration, LONGEST_TIMER, size, spellDuration } from '../settings/quantities.ts';
import { type Reader, setting, Unfit } from '../settings/setting.ts';
import { given, ifRight, section } from './section.ts';

/** How often the free space is looked at, in milliseconds; after an error of the log besides. */
export const DEFAULT_DISK_INTERVAL = 30_000;
/** Below these the log says that its disk fills up. Nothing is turned away unless the policy says so. */
export const DEFAULT_DISK_LADDER: DiskLadder = { warn: { share: 0.1 }, alert: { share: 0.05 } };

const SHARE = /^(0|[1-9]\d?|100)%$/;

export const diskSection = section(
  {
    interval: setting(
      duration({ least: 100, most: LONGEST_TIMER }),
      'How often the free space is looked at.',
      spellDuration(DEFAULT_DISK_INTERVAL),
    ),
    warn: setting(threshold(), 'Below this free space, a warning entry is recorded.', '10%'),
    alert: setting(threshold(), 'Below this, an entry of level error.', '5%'),
    spool: setting(threshold(), 'Below this, events go to the spool, which must be on another disk.', 'off'),
    refuse: setting(threshold(), 'Below this, events are refused, so that room is left to say so.', 'off'),
    halt: setting(threshold(), 'Below this, the log is closed.', 'off'),
  },
  'What is done about a disk that fills up: free space as a size or a share of the disk, or off.',
).refine((values) => inOrder(DISK_ACTIONS.map((action) => values[action])), {
  error:
    'is out of order: warn, alert, spool, refuse and halt each begin at less free space than the one before',
  when: ifRight(...DISK_ACTIONS),
});

export interface DiskPolicy {
  /** Milliseconds. */
  readonly interval: number;
  readonly ladder: DiskLadder;
}

/** The section, with its defaults. */
export function diskOptions({ interval, ...ladder }: z.output<typeof diskSection>): DiskPolicy {
  const thresholds = { ...DEFAULT_DISK_LADDER, ...given(ladder) };
  const set = Object.entries(thresholds).filter(([, value]) => value !== 'off');
  return { interval: interval ?? DEFAULT_DISK_INTERVAL, ladder: Object.fromEntries(set) };
}

/** `10%`, `5GiB` or `off`. */
function threshold(): Reader<DiskThreshold | 'off'> {
  const bytes = size({ least: 1 });
  return {
    json: { type: 'string', pattern: `^off$|${SHARE.source}|${(bytes.json as { pattern: string }).pattern}` },
    read(value, fromEnvironment) {
      if (value === 'off') return 'off';
      const share = typeof value === 'string' ? SHARE.exec(value)?.[1] : undefined;
      if (share !== undefined && share !== '0') return { share: Number(share) / 100 };
      try {
        return { bytes: bytes.read(value, fromEnvironment) };
      } catch {
        throw new Unfit('must be a share of the disk such as 10%, a size such as 5GiB, or off');
      }
    },
  };
}

/** Of two thresholds of one kind the heavier action begins later, or the lighter one would never come. */
function inOrder(thresholds: readonly (DiskThreshold | 'off' | undefined)[]): boolean {
  const set = thresholds.filter((threshold) => threshold !== undefined && threshold !== 'off');
  const falls = (values: readonly number[]) =>
    values.every((value, index) => index === 0 || value < values[index - 1]!);
  return (
    falls(set.flatMap((threshold) => ('bytes' in threshold ? threshold.bytes : []))) &&
    falls(set.flatMap((threshold) => ('share' in threshold ? threshold.share : [])))
  );
}
