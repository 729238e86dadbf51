// What an alert is raised for. The options are those of `alerting/options.ts`.
import { CATEGORIES, type JsonValue, LEVELS, OUTCOMES } from '@audit/core';
import { z } from 'zod';
import { ALERT_CONDITIONS, type AlertRule, DEFAULT_ALERT_WINDOW } from '../alerting/options.ts';
import { parsePointer } from '../alerting/pointer.ts';
import { MAX_ALERT_COUNT, ruleProblem } from '../alerting/rule-problem.ts';
import { listSetting, mapSetting } from '../settings/collections.ts';
import { count, duration, percent, size, spellDuration } from '../settings/quantities.ts';
import { type Reader, setting, Unfit } from '../settings/setting.ts';
import { choice, text } from '../settings/words.ts';
import { allRight, given, section } from './section.ts';

const pointer = text({
  what: 'a JSON Pointer such as /actor/id',
  test: (value) => parsePointer(value) !== null,
});

const match = section(
  {
    type: listSetting(text(), 'Any of these types of event; * stands for any characters.', null),
    category: listSetting(choice(...CATEGORIES), 'Any of these categories.', null),
    level: setting(choice(...LEVELS), 'This level or above.', null),
    outcome: listSetting(choice(...OUTCOMES), 'Any of these outcomes.', null),
    actor: listSetting(text(), 'Any of these ids of actors; * stands for any characters.', null),
    resource: listSetting(text(), 'Any of these ids of resources; * stands for any characters.', null),
    equals: mapSetting(scalar(), 'JSON Pointers into the entry, and the value that stands there.', null),
  },
  'What an entry must be like; all that is given must hold.',
);

const rule = section(
  {
    match,
    condition: setting(
      choice(...ALERT_CONDITIONS),
      'Instead of match. integrity: a verification found something; disk: less than diskFree is free; lost: events are missing, or at risk; stopped: the log takes nothing more.',
      null,
    ),
    count: setting(count({ least: 1, most: MAX_ALERT_COUNT }), 'Matches that fire the rule.', 1),
    window: setting(
      duration({ least: 1 }),
      'Time in which that many must come.',
      spellDuration(DEFAULT_ALERT_WINDOW),
    ),
    absentFor: setting(
      duration({ least: 1 }),
      'Fires where nothing matched for so long, instead of where something does.',
      null,
    ),
    groupBy: listSetting(
      pointer,
      'JSON Pointers into the entry: what has equal values there is counted, and told, by itself.',
      null,
    ),
    diskFree: setting(diskFree(), 'For condition disk: a size, or a share of the volume such as 10%.', null),
    repeat: setting(
      duration(),
      'The same is told again only after this time; 0ms tells each. Default: alerting.repeat.',
      null,
    ),
    severity: setting(
      choice(...LEVELS),
      'How severe its alerts are. Default: warning; critical for conditions.',
      null,
    ),
    channels: listSetting(text(), 'Names of the channels that are told. Default: all.', null),
  },
  'One rule.',
).superRefine(
  (values, context) => {
    const problem = ruleProblem(ruleOptions(values));
    if (problem !== undefined) {
      context.addIssue({ code: 'custom', path: [problem.option], message: problem.message });
    }
  },
  { when: allRight },
);

export const rulesSection = z
  .record(z.string(), rule)
  .nullish()
  .meta({ description: 'What alerts are raised for, each rule under a name of your own. Default: nothing.' });

export function rulesOptions(rules: z.output<typeof rulesSection>): Readonly<Record<string, AlertRule>> {
  return Object.fromEntries(Object.entries(rules ?? {}).map(([name, values]) => [name, ruleOptions(values)]));
}

function ruleOptions({ match, ...values }: z.output<typeof rule>): AlertRule {
  const { equals, ...rest } = match;
  const asked = given({ ...rest, equals: equals && Object.fromEntries(equals) });
  // A match without anything in it is one that is not there.
  return given({ ...values, match: Object.keys(asked).length > 0 ? asked : undefined });
}

function scalar(): Reader<JsonValue> {
  return {
    json: { type: ['string', 'number', 'boolean'] },
    read(value) {
      if (!['string', 'number', 'boolean'].includes(typeof value)) {
        throw new Unfit('must be text, a number, true or false');
      }
      return value as JsonValue;
    },
  };
}

function diskFree(): Reader<NonNullable<AlertRule['diskFree']>> {
  const share = percent({ least: 1, most: 100 });
  const bytes = size({ least: 1 });
  return {
    json: { anyOf: [share.json, bytes.json] },
    read(value, fromEnvironment) {
      if (typeof value === 'string' && value.endsWith('%'))
        return { share: share.read(value, fromEnvironment) };
      return { bytes: bytes.read(value, fromEnvironment) };
    },
  };
}
