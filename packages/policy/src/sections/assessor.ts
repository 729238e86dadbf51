// What is made of the reports of scanners. The options have the shape @audit/agent takes; this package does not import it, a
// test there holds the two together.
import type { z } from 'zod';
import { count, duration, LONGEST_TIMER, size } from '../settings/quantities.ts';
import { setting } from '../settings/setting.ts';
import { choice } from '../settings/words.ts';
import { given, ifRight, section } from './section.ts';

/** From the worst. */
const SEVERITIES: readonly AssessorThreshold[] = ['critical', 'high', 'medium', 'low', 'info'];
const threshold = choice(...SEVERITIES, 'never');

export const assessorSection = section(
  {
    format: setting(
      choice('auto', 'bandit', 'semgrep', 'sarif'),
      'Format of the reports; auto: as each looks.',
      'auto',
    ),
    block: setting(threshold, 'Findings of this severity or worse block what was assessed.', 'high'),
    review: setting(threshold, 'Findings of this severity or worse are for somebody to look at.', 'medium'),
    findings: setting(
      count({ most: 100 }),
      'Findings of one report that are recorded, the worst; the others are counted.',
      50,
    ),
    report: setting(size({ least: 1, most: 2 ** 29 }), 'A longer report is refused, and blocks.', '32MiB'),
    timeout: setting(duration({ least: 1, most: LONGEST_TIMER }), 'How long a scanner may take.', '5m'),
    onFailure: setting(
      choice('best-effort', 'strict'),
      'Whether an assessment that cannot be recorded is made.',
      'best-effort',
    ),
  },
  'Assessments: what scanners find, and what is decided by it.',
).refine(({ block, review }) => !isIdle(block, review), {
  path: ['review'],
  error: 'has no effect, for block is milder: use never, or something milder than block',
  when: ifRight('block', 'review'),
});

/** Where both are given: whatever is to be looked at is blocked before. */
function isIdle(block: AssessorThreshold | undefined, review: AssessorThreshold | undefined): boolean {
  if (block === undefined || review === undefined || review === 'never') return false;
  return SEVERITIES.indexOf(review) < SEVERITIES.indexOf(block);
}

/** A severity, or `never`. */
export type AssessorThreshold = 'critical' | 'high' | 'medium' | 'low' | 'info' | 'never';

/** For `auditAssessment` and its like; times in milliseconds, sizes in bytes. */
export interface AssessorPolicy {
  readonly format?: 'auto' | 'bandit' | 'semgrep' | 'sarif';
  readonly block?: AssessorThreshold;
  readonly review?: AssessorThreshold;
  readonly findings?: number;
  readonly report?: number;
  readonly timeout?: number;
  readonly onFailure?: 'best-effort' | 'strict';
}

/** The section as @audit/agent takes it. */
export function assessorOptions(values: z.output<typeof assessorSection>): AssessorPolicy {
  return given(values);
}
