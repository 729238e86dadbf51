// Who is told what, when something happens that somebody should know of.
import type { z } from 'zod';
import {
  type AlertingPolicy,
  DEFAULT_ALERT_CATCH_UP,
  DEFAULT_ALERT_OUTBOX,
  DEFAULT_ALERT_RATE,
  DEFAULT_ALERT_REPEAT,
} from '../alerting/options.ts';
import { count, duration, spellDuration } from '../settings/quantities.ts';
import { setting } from '../settings/setting.ts';
import { channelsOptions, channelsSection, rate, spellRate } from './alert-channels.ts';
import { rulesOptions, rulesSection } from './alert-rules.ts';
import { given, ifRight, section } from './section.ts';

/** Names appear in alerts, entries and metrics. */
const NAME = /^[A-Za-z0-9][\w.-]{0,62}$/;

export const alertingSection = section(
  {
    rules: rulesSection,
    channels: channelsSection,
    repeat: setting(
      duration(),
      'The same rule tells of the same group again only after this time, with how often it fired meanwhile; 0ms tells each.',
      spellDuration(DEFAULT_ALERT_REPEAT),
    ),
    rate: setting(
      rate(),
      'Alerts raised within a time; what fires beyond it is counted, and told in one alert for each rule.',
      spellRate(DEFAULT_ALERT_RATE),
    ),
    outbox: setting(
      count({ least: 1, most: 1_000_000 }),
      'Alerts that wait to be delivered. Beyond it the least severe, oldest are dropped, which is recorded.',
      DEFAULT_ALERT_OUTBOX,
    ),
    catchUp: setting(
      count({ least: 1 }),
      'Entries that are looked at after a restart. Older ones are passed over, which is recorded.',
      DEFAULT_ALERT_CATCH_UP,
    ),
  },
  'Who is told what, when something happens that somebody should know of.',
).superRefine(
  ({ rules, channels }, context) => {
    for (const [key, named] of Object.entries({ rules, channels })) {
      for (const name of Object.keys(named ?? {})) {
        if (NAME.test(name)) continue;
        const message = 'must be called by 1 to 63 letters, digits, ".", "_" or "-"';
        context.addIssue({ code: 'custom', path: [key, name], message, params: { at: 'key' } });
      }
    }
    for (const [name, rule] of Object.entries(rules ?? {})) {
      for (const [index, channel] of (rule.channels ?? []).entries()) {
        if (channels != null && Object.hasOwn(channels, channel)) continue;
        const there = Object.keys(channels ?? {}).join(', ') || 'none';
        const message = `names no channel; there are: ${there}`;
        context.addIssue({ code: 'custom', path: ['rules', name, 'channels', index], message });
      }
    }
  },
  { when: ifRight('rules', 'channels') },
);

/** The section as `startAlerting` takes it. */
export function alertingOptions(values: z.output<typeof alertingSection>): AlertingPolicy {
  const { rules, channels, ...limits } = values;
  return { rules: rulesOptions(rules), channels: channelsOptions(channels), ...given(limits) };
}
