// What makes a policy weaker, key by key. A change that no line here calls at least as strong is a weakening.
import { fingerprint } from './fingerprint.ts';

/** Whether the new value protects at least as well as the old one. Both as they were read, or the default. */
export type AtLeastAsStrong = (before: unknown, after: unknown) => boolean;

/** All that was there, and perhaps more. */
const more: AtLeastAsStrong = (before, after) => items(before).every((item) => items(after).includes(item));
/** Nothing that was not there. */
const fewer: AtLeastAsStrong = (before, after) => more(after, before);
const onlyOn: AtLeastAsStrong = (before, after) => after === true || before === false;
const onlyOff: AtLeastAsStrong = (before, after) => after === false || before === true;
const notLess: AtLeastAsStrong = (before, after) => (after as number) >= (before as number);
const notMore: AtLeastAsStrong = (before, after) => (after as number) <= (before as number);
/** An interval, of which 0 means never. */
const sooner: AtLeastAsStrong = (before, after) => before === 0 || (after !== 0 && notMore(before, after));
/** From the weakest on. */
const ordered =
  (...words: readonly string[]): AtLeastAsStrong =>
  (before, after) =>
    words.includes(before as string) && words.indexOf(after as string) >= words.indexOf(before as string);

const http: Readonly<Record<string, AtLeastAsStrong>> = {
  headers: more,
  responseHeaders: more,
  maxBody: notLess,
  // Whatever the rules were, nothing is stricter than all.
  onFailure: (_before, after) => after === 'strict',
};

const below = (prefix: string, lines: Readonly<Record<string, AtLeastAsStrong>>) =>
  Object.fromEntries(Object.entries(lines).map(([name, line]) => [`${prefix}.${name}`, line]));

/**
 * By key of the schema. Not here, but judged by what they come to: `level`, `levels`, `events`, and `level` and `detail` of
 * the adapters.
 */
export const STRENGTHS: Readonly<Record<string, AtLeastAsStrong>> = {
  locked: onlyOn,
  // Names of who writes say nothing about how well; where they stand is recorded at each opening.
  'log.service': () => true,
  'log.instance': () => true,
  'storage.directoryMode': notMore,
  'storage.fileMode': notMore,
  'storage.spoolEvents': notLess,
  'integrity.heartbeat': sooner,
  'integrity.verifyInterval': sooner,
  // 0 is every time.
  'integrity.fullVerifyInterval': notMore,
  'rotation.size': () => true,
  'rotation.age': () => true,
  'retention.keep': notLess,
  'retention.floor.keep': notLess,
  'retention.approvals': notLess,
  'retention.requireArchive': onlyOn,
  'signing.timeout': notLess,
  'signing.allowUnsigned': onlyOff,
  'performance.queueEvents': notLess,
  'performance.queueBytes': notLess,
  'performance.queueTimeout': notLess,
  'performance.lockTimeout': () => true,
  'performance.batchEvents': () => true,
  'performance.batchBytes': () => true,
  'privacy.enabled': onlyOn,
  'privacy.way': ordered('hmac', 'mask', 'remove'),
  'privacy.keys': more,
  'privacy.allowKeys': fewer,
  'privacy.patterns': more,
  'privacy.allowPatterns': fewer,
  'privacy.pointers': more,
  ...below('integrations.http', http),
  ...below('integrations.express', http),
  ...below('integrations.nest', http),
  'integrations.winston.handleExceptions': onlyOn,
  'integrations.winston.handleRejections': onlyOn,
  'integrations.winston.strict': onlyOn,
  'integrations.winston.overload': ordered('drop', 'spool', 'sync'),
  'integrations.winston.spoolRecords': notLess,
  'integrations.winston.flushTimeout': notLess,
  'integrations.docker.events': more,
  'integrations.docker.healthProbes': onlyOn,
  'integrations.docker.queueMessages': notLess,
};

/** The items of a list, the members of a map; each by its value. */
function items(value: unknown): readonly string[] {
  if (value instanceof Map) return [...value].map(fingerprint);
  return Array.isArray(value) ? value.map(fingerprint) : [];
}
