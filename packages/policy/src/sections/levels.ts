// The named levels: how much is recorded, of HTTP exchanges and of events. A policy picks one, or defines its own.
import { CATEGORIES, LEVELS } from '@audit/core';
import { z } from 'zod';
import {
  DEFAULT_RECORDING_LEVEL,
  type EventRulesOptions,
  RECORDING_LEVELS,
  type RecordingLevel,
} from '../events/options.ts';
import { listSetting } from '../settings/collections.ts';
import { setting } from '../settings/setting.ts';
import { choice, text } from '../settings/words.ts';
import { detailRule } from './detail-rules.ts';
import { eventRulesOf, type eventsSection, levelEventsSection } from './events.ts';
import { given, section } from './section.ts';

const basic = RECORDING_LEVELS[DEFAULT_RECORDING_LEVEL];

/** Picks a level by its name; whether there is one is asked where all are known. */
export const levelSetting = setting(
  text(),
  'How much is recorded: comprehensive, basic, minimal, or a level of your own.',
  DEFAULT_RECORDING_LEVEL,
);

export const levelsSection = z
  .record(
    z.string(),
    section(
      {
        http: listSetting(
          detailRule,
          'Of HTTP exchanges: rules of method, route, status and actor. The first that matches decides.',
          basic.http,
        ),
        least: setting(
          // What is of level security and above is left out by its type only, so that it is done on purpose.
          choice(...LEVELS.slice(0, LEVELS.indexOf('security') + 1)),
          'The least level that is recorded.',
          basic.least,
        ),
        always: listSetting(
          choice(...CATEGORIES),
          'Categories that are recorded whatever their level.',
          basic.always,
        ),
        events: levelEventsSection,
      },
      'How much one level records. What a level of your own leaves out is as in basic.',
    ),
  )
  .nullish()
  .meta({ description: 'Named levels: comprehensive, basic and minimal are there, and any of your own.' });

type Levels = z.output<typeof levelsSection>;

/** All levels there are: those of the package, and over them what the policy says. */
export function recordingLevels(levels: Levels): Readonly<Record<string, RecordingLevel>> {
  const own = Object.entries(levels ?? {}).map(([name, { events, ...rules }]) => {
    const base = Object.hasOwn(RECORDING_LEVELS, name) ? RECORDING_LEVELS[name as 'basic'] : basic;
    return [
      name,
      { ...base, ...given(rules), ...(events && { events: { ...base.events, ...eventRulesOf(events) } }) },
    ];
  });
  return { ...RECORDING_LEVELS, ...Object.fromEntries(own) };
}

/** The rules of a level and, before them, those of `events`: as `eventRules()` takes them. */
export function eventsOptions(
  { least, always, events: fallback }: RecordingLevel,
  events: z.output<typeof eventsSection>,
): EventRulesOptions {
  return { events: eventRulesOf(events), least, always, fallback };
}
