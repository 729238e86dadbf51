// What becomes of events by their type. The rules have the shape eventRules() takes.
import { type FailureRule, LEVELS, ON_FAILURE } from '@audit/core';
import { z } from 'zod';
import { EVENT_DETAILS, type EventRules } from '../events/options.ts';
import { isProtected, specificity } from '../events/resolve.ts';
import { percent } from '../settings/quantities.ts';
import { setting } from '../settings/setting.ts';
import { choice, flag } from '../settings/words.ts';
import { given, section } from './section.ts';

/** A type, or the beginning of some. */
const PATTERN = /^(?:[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)*(?:\.?\*)?|\*)$/;

const shape = {
  enabled: setting(
    flag,
    'Record them. What is not recorded is counted by type, and told in log.gap; record() rejects it with DROPPED. Default: as the level has it.',
    null,
  ),
  level: setting(choice(...LEVELS), 'Their level, instead of what the event or the catalogue says.', null),
  detail: setting(
    choice(...EVENT_DETAILS),
    'metadata leaves out data, of HTTP exchanges the bodies; request what came of it; request-response nothing. Default: as the level has it.',
    null,
  ),
  sample: setting(
    percent({ least: 0, most: 100 }),
    'The share that is recorded; events of one request share its fate. The others are counted by type, and told in log.gap. Default: all.',
    null,
  ),
  sampleSecurity: setting(
    flag,
    'Sample events of level security and above, too. Default: as the level has it, else not.',
    null,
  ),
};

/** Rules by type; `T` is the shape of one. */
function rulesOf<T extends z.ZodRawShape>(shapeOfOne: T, description: string) {
  return z
    .record(z.string(), section(shapeOfOne, 'Events of one type, or of those that begin alike.'))
    .nullish()
    .superRefine((rules, context) => {
      for (const name of Object.keys(rules ?? {})) {
        const message = refusal(name);
        if (message === undefined) continue;
        context.addIssue({ code: 'custom', path: [name], message, params: { at: 'key' } });
      }
    })
    .meta({ description });
}

function refusal(name: string): string | undefined {
  if (!PATTERN.test(name))
    return 'must be a type such as auth.attempt, or the beginning of some such as auth.*';
  if (isProtected(name.replace(/\*$/, '')))
    return 'is what the log says of itself and its policy: no rule can change that';
  return undefined;
}

/** Of a level: what can be reloaded, and nothing about failure. */
export const levelEventsSection = rulesOf(shape, 'Rules for events by type, where events says nothing.');

export const eventsSection = rulesOf(
  {
    ...shape,
    onFailure: setting(
      choice(...ON_FAILURE),
      'Where they cannot be recorded: strict fails the operation, too; spool keeps them in a file; best-effort counts the loss.',
      null,
    ),
  },
  'What becomes of events by their type: exact, or the beginning of some and "*". The most specific rule decides, key by key.',
);

type LevelEvents = z.output<typeof levelEventsSection>;

/** The rules as `eventRules()` takes them. */
export function eventRulesOf(rules: LevelEvents): EventRules {
  return Object.fromEntries(
    Object.entries(rules ?? {}).map(([pattern, { enabled, level, detail, sample, sampleSecurity }]) => [
      pattern,
      given({ enabled, level, detail, sample, sampleSecurity }),
    ]),
  );
}

/** What was chosen for failures, most specific first: the first that matches decides. Undefined where nothing was. */
export function onFailureByType(rules: z.output<typeof eventsSection>): readonly FailureRule[] | undefined {
  const chosen = Object.entries(rules ?? {})
    .flatMap(([type, { onFailure }]) => (onFailure === undefined ? [] : [{ type, onFailure }]))
    .sort((a, b) => specificity(b.type) - specificity(a.type));
  return chosen.length > 0 ? chosen : undefined;
}
