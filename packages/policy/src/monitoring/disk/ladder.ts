// What is done about a disk that fills up: rungs, each with the free space below which it begins. The idea is auditd's
// (space_left_action, admin_space_left_action, disk_full_action). Imports types only.
import type { DiskSpace } from './space.ts';

/**
 * From the lightest to the heaviest. `warn`, `alert`: told · `spool`: events go to the spool · `refuse`: events are refused
 * · `halt`: the log is closed.
 */
export const DISK_ACTIONS = ['warn', 'alert', 'spool', 'refuse', 'halt'] as const;
export type DiskAction = (typeof DISK_ACTIONS)[number];

/** Free space in bytes, or as a share of the disk, from 0 to 1. */
export type DiskThreshold = { readonly bytes: number } | { readonly share: number };

/** Where each action begins; one that is not named is never taken. */
export type DiskLadder = { readonly [A in DiskAction]?: DiskThreshold };

/** An action ends once there is so much more room than where it began, so that it does not come and go. */
export const DISK_RELEASE = 1.1;

/** The threshold in bytes of this disk. */
export function bytesOf(threshold: DiskThreshold, { size }: DiskSpace): number {
  return 'bytes' in threshold ? threshold.bytes : threshold.share * size;
}

/** The heaviest action this space calls for, while `current` is in force; null where there is room. */
export function actionFor(
  space: DiskSpace,
  ladder: DiskLadder,
  current: DiskAction | null,
): DiskAction | null {
  const held = current === null ? -1 : DISK_ACTIONS.indexOf(current);
  for (let rung = DISK_ACTIONS.length - 1; rung >= 0; rung--) {
    const threshold = ladder[DISK_ACTIONS[rung]!];
    if (threshold === undefined) continue;
    const limit = bytesOf(threshold, space) * (rung <= held ? DISK_RELEASE : 1);
    if (space.free < limit) return DISK_ACTIONS[rung]!;
  }
  return null;
}
