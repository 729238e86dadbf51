// The effects of what the policy says about rules of alerting, and about all of them together.
import { openAuditLog } from '@audit/core';
import { type Policy, startAlerting } from '@audit/policy';
import { entriesOf, until } from '../alerting/harness.ts';
import type { Effects } from '../support/effect.ts';
import { CHANGE, LOGIN, raisedOf, statusOnce, watched } from './alerts.ts';
import { ORIGIN } from './logs.ts';

const RULE = 'alerting.rules.*';
const ANY = { [`${RULE}.match.type`]: "['data.*', 'auth.*']" };
/** Each match is told. */
const EACH = { [`${RULE}.repeat`]: '0ms' };

/** Whether the rule fires for a condition, within a look or so. */
const fires = (policy: Policy, act: () => void = () => {}) =>
  watched(policy, async ({ alerting }) => {
    act();
    return statusOnce(alerting, ({ rules }) => rules.one!.raised > 0);
  });

/** Events lost of five that find a queue for two. */
const losing = (policy: Policy) =>
  watched(policy, async ({ log, alerting }) => {
    for (let n = 0; n < 5; n++) log.emit({ ...CHANGE, id: `e${n}` });
    return statusOnce(alerting, ({ rules }) => rules.one!.raised > 0);
  });

/** What the rule raises first: of an entry, or of none. */
const firstRaised = (policy: Policy) =>
  watched(policy, async ({ alerting, happen, pass, told }) => {
    await happen(CHANGE);
    pass(61_000);
    await until(() => alerting.status().rules.one!.raised > 0 && alerting.status().outbox === 0);
    return (await told('alert.raised')).map(({ entry }) => (entry === undefined ? 'absence' : 'match'))[0];
  });

/** Entries looked at of three that came while nobody looked. */
async function caughtUp({ log: options, alerting }: Policy): Promise<number> {
  const open = () => openAuditLog({ origin: ORIGIN, onKeyCreated: () => {}, ...options });
  const start = async (log: Awaited<ReturnType<typeof open>>) =>
    startAlerting({ log, alerting, stateDirectory: `${log.info().location}.private` });
  let log = await open();
  await (await start(log)).stop();
  for (let n = 0; n < 3; n++) await log.record({ ...CHANGE, id: `e${n}` });
  const again = await start(log);
  await until(() => again.status().behind === 0);
  const { matched } = again.status().rules.one!;
  await again.stop();
  await log.close();
  log = await open();
  await entriesOf(log, 'alert.*');
  await log.close();
  return matched;
}

export const alertRuleEffects: Effects = {
  [`${RULE}.match.type`]: {
    value: '[data.*]',
    beside: { [`${RULE}.match.level`]: 'debug', ...EACH },
    observe: raisedOf,
    expected: ['change'],
  },
  [`${RULE}.match.category`]: {
    value: '[authentication]',
    beside: { ...ANY, ...EACH },
    observe: raisedOf,
    expected: ['login'],
  },
  [`${RULE}.match.level`]: {
    value: 'security',
    beside: { ...ANY, ...EACH },
    observe: raisedOf,
    expected: ['login'],
  },
  [`${RULE}.match.outcome`]: {
    value: '[denied]',
    beside: { ...ANY, ...EACH },
    observe: raisedOf,
    expected: ['login'],
  },
  [`${RULE}.match.actor`]: {
    value: '[ad*]',
    beside: { ...ANY, ...EACH },
    observe: raisedOf,
    expected: ['change'],
  },
  [`${RULE}.match.resource`]: {
    value: '[u1]',
    beside: { ...ANY, ...EACH },
    observe: raisedOf,
    expected: ['login'],
  },
  [`${RULE}.match.equals`]: {
    value: '{/data/rows: 7}',
    beside: { ...ANY, ...EACH },
    observe: raisedOf,
    expected: ['change'],
  },
  [`${RULE}.condition`]: {
    value: 'lost',
    instead: 'stopped',
    beside: { 'performance.queueEvents': '2' },
    observe: losing,
    expected: true,
  },
  [`${RULE}.count`]: {
    value: '2',
    beside: { ...ANY, ...EACH },
    observe: raisedOf,
    expected: ['login'],
  },
  [`${RULE}.window`]: {
    value: '30s',
    beside: { ...ANY, ...EACH, [`${RULE}.count`]: '2' },
    observe: raisedOf,
    expected: [],
  },
  [`${RULE}.absentFor`]: { value: '1m', beside: ANY, observe: firstRaised, expected: 'absence' },
  [`${RULE}.groupBy`]: {
    value: '[/actor/id]',
    beside: { ...ANY, ...EACH, [`${RULE}.count`]: '2' },
    observe: raisedOf,
    expected: [],
  },
  [`${RULE}.diskFree`]: {
    value: '100%',
    instead: '1B',
    beside: { [`${RULE}.condition`]: 'disk' },
    observe: (policy) => fires(policy),
    expected: true,
  },
  [`${RULE}.repeat`]: { value: '30s', beside: ANY, observe: raisedOf, expected: ['change', 'login'] },
  [`${RULE}.severity`]: {
    value: 'error',
    beside: ANY,
    observe: (policy) =>
      watched(policy, async ({ alerting, happen, told }) => {
        await happen(LOGIN);
        await until(() => alerting.status().outbox === 0);
        return (await told('alert.raised')).map(({ severity }) => severity);
      }),
    expected: ['error'],
  },
  [`${RULE}.channels`]: {
    value: '[two]',
    beside: {
      ...ANY,
      'alerting.channels.one.log.to': 'entry',
      'alerting.channels.two.log.to': 'entry',
    },
    observe: (policy) =>
      watched(policy, async ({ alerting, happen, told }) => {
        await happen(LOGIN);
        await until(() => alerting.status().outbox === 0);
        return (await told('alert.delivered')).map(({ channel }) => channel).sort();
      }),
    expected: ['two'],
  },
  'alerting.repeat': { value: '0ms', beside: ANY, observe: raisedOf, expected: ['change', 'login'] },
  'alerting.rate': {
    value: '1/1h',
    beside: { ...ANY, ...EACH },
    observe: raisedOf,
    expected: ['change'],
  },
  'alerting.outbox': {
    value: '1',
    beside: { ...ANY, ...EACH, 'alerting.channels.one.command.run': "['/no/such/program']" },
    observe: (policy) =>
      watched(policy, async ({ alerting, happen }) => {
        await happen(CHANGE);
        await happen(LOGIN);
        return statusOnce(alerting, ({ dropped, outbox }) => dropped === 1 && outbox === 1);
      }),
    expected: true,
  },
  'alerting.catchUp': { value: '2', beside: { ...ANY, ...EACH }, observe: caughtUp, expected: 2 },
};
