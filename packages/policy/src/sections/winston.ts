// Which records of a logger become events. The options have the shape @audit/winston-transport takes; this package does
// not import it, a test beside the demo holds the two together.
import { LEVELS, type Level } from '@audit/core';
import type { z } from 'zod';
import { mapSetting } from '../settings/collections.ts';
import { count, duration, LONGEST_TIMER } from '../settings/quantities.ts';
import { type Reader, setting, Unfit } from '../settings/setting.ts';
import { choice, flag, path, text } from '../settings/words.ts';
import { plain } from '../source/environment.ts';
import { given, ifRight, section } from './section.ts';

/** `marked`, `all`, or from a level of the logger on. */
export type WinstonSelection = 'marked' | 'all' | { readonly level: string };

const selection: Reader<WinstonSelection> = {
  json: {
    anyOf: [
      { enum: ['marked', 'all'] },
      {
        type: 'object',
        properties: { level: { type: 'string' } },
        required: ['level'],
        additionalProperties: false,
      },
    ],
  },
  read(value) {
    if (value === 'marked' || value === 'all') return value;
    const level =
      typeof value === 'object' && value !== null && Object.keys(value).join() === 'level'
        ? plain((value as { level: unknown }).level)
        : undefined;
    if (typeof level === 'string' && level !== '') return { level };
    throw new Unfit('must be marked, all, or a level of the logger such as {level: warn}');
  },
};

export const winstonSection = section(
  {
    select: setting(
      selection,
      'Which records become events: marked those that say so, all, or those of a level of the logger and graver.',
      'marked',
    ),
    mark: setting(
      text({
        what: 'a name other than level and message',
        test: (value) => !['level', 'message'].includes(value),
      }),
      'The member that marks a record.',
      'audit',
    ),
    levels: mapSetting(
      choice(...LEVELS),
      'Levels of the audit log for levels of the logger, beside those of winston and syslog.',
      {},
    ),
    level: setting(text(), 'The least grave level of the logger that reaches the transport.', null),
    handleExceptions: setting(flag, 'Record exceptions nobody caught.', false),
    handleRejections: setting(flag, 'Record rejections nobody handled.', false),
    overload: setting(
      choice('drop', 'spool', 'sync'),
      'Where the log has no room: drop counts the record as lost, spool keeps it in a bounded file, sync in a file that is synced before the call returns.',
      'drop',
    ),
    spoolDirectory: setting(path, 'Directory of that file, for this transport alone.', null),
    spoolRecords: setting(
      count({ least: 1 }),
      'Records the spool holds at most; 65536 where nothing is said.',
      null,
    ),
    strict: setting(
      flag,
      'Tell failures by the event error, which ends a process that does not listen.',
      false,
    ),
    flushTimeout: setting(
      duration({ least: 1, most: LONGEST_TIMER }),
      'How long the end of the logger waits for the log.',
      '10s',
    ),
  },
  'winston: which records become events.',
)
  .refine(({ overload, spoolDirectory }) => (overload ?? 'drop') === 'drop' || spoolDirectory !== undefined, {
    path: ['overload'],
    error: 'needs spoolDirectory, where the records wait',
    when: ifRight('overload', 'spoolDirectory'),
  })
  .refine(({ overload, spoolDirectory }) => (overload ?? 'drop') !== 'drop' || spoolDirectory === undefined, {
    path: ['spoolDirectory'],
    error: 'has no effect unless overload is spool or sync: set that, or leave this out',
    when: ifRight('overload', 'spoolDirectory'),
  })
  .refine(({ overload, spoolRecords }) => overload === 'spool' || spoolRecords === undefined, {
    path: ['spoolRecords'],
    error: 'has no effect unless overload is spool: set that, or leave this out',
    when: ifRight('overload', 'spoolRecords'),
  });

/** Options of `AuditTransport` besides the log. */
export interface WinstonPolicy {
  readonly select?: WinstonSelection;
  readonly mark?: string;
  readonly levels?: Readonly<Record<string, Level>>;
  readonly level?: string;
  readonly handleExceptions?: boolean;
  readonly handleRejections?: boolean;
  readonly overload?: 'drop' | 'spool' | 'sync';
  readonly spoolDirectory?: string;
  readonly spoolRecords?: number;
  readonly strict?: boolean;
  /** Milliseconds. */
  readonly flushTimeout?: number;
}

/** The section as the transport takes it. */
export function winstonOptions({ levels, ...options }: z.output<typeof winstonSection>): WinstonPolicy {
  return { ...given(options), ...(levels && { levels: Object.fromEntries(levels) }) };
}
