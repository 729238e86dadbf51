// How long entries stay, what holds them, and who must agree before they go.
import { CATEGORIES, LEVELS, parseVerifierKey } from '@audit/core';
import { readTime } from '@audit/core/internal';
import { z } from 'zod';
import {
  DEFAULT_APPROVALS,
  DEFAULT_KEEP,
  type LegalHold,
  type RetentionOptions,
} from '../retention/options.ts';
import { listSetting, mapSetting } from '../settings/collections.ts';
import { count, duration, spellDuration } from '../settings/quantities.ts';
import { type Reader, setting, Unfit } from '../settings/setting.ts';
import { choice, flag, path, text } from '../settings/words.ts';
import type { archiveSection } from './archive.ts';
import type { logSections } from './log.ts';
import { given, ifRight, section } from './section.ts';

/** A duration, or `forever`. */
const lifetime: Reader<number> = {
  json: { anyOf: [duration().json, { const: 'forever' }] },
  read(value, fromEnvironment) {
    if (value === 'forever') return Number.POSITIVE_INFINITY;
    try {
      return duration().read(value, fromEnvironment);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      throw new Unfit(`${error.message}, or forever`);
    }
  },
};

const time: Reader<string> = text({
  what: 'a day or a time, such as 2026-01-31 or 2026-01-31T12:00:00Z',
  test: (value) => readTime(/^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00:00Z` : value) !== null,
});

const typePattern = /^[a-z][a-z0-9_.-]*\*?$|^\*$/;
const type: Reader<string> = text({
  what: 'a type, or a prefix that ends in *, such as auth.*',
  test: (value) => typePattern.test(value),
});

const vkey: Reader<string> = text({
  what: 'a verifier key (name+id+base64), as audit key show prints it',
  test: (value) => {
    try {
      parseVerifierKey(value);
      return true;
    } catch {
      return false;
    }
  },
});

const hold = section(
  {
    reason: setting(text(), 'Why; needed.', null),
    since: setting(time, 'Only entries from this time on.', null),
    until: setting(time, 'Only entries before this time.', null),
    type: setting(type, 'Only entries of this type, or of those that begin so, ending in *.', null),
  },
  'One hold.',
).refine(({ reason }) => reason !== undefined, {
  path: ['reason'],
  error: 'is missing: say why, for whoever asks later',
  // A key that is misspelled was perhaps meant to be it.
  when: ({ issues }) => issues.length === 0,
});

export const retentionSection = section(
  {
    keep: setting(
      lifetime,
      'How long an entry stays where no rule matches it; forever is never pruned.',
      spellDuration(DEFAULT_KEEP),
    ),
    types: named(type, 'Rules by type, or by its beginning, ending in *: the longest that matches counts.'),
    categories: named(choice(...CATEGORIES), 'Rules by category, likewise.'),
    levels: named(choice(...LEVELS), 'Rules by level: that one and those above, likewise.'),
    floor: section(
      {
        keep: setting(duration(), 'Nothing goes before this age, whatever rules and limits say.', '0ms'),
        types: named(type, 'The same by type.'),
      },
      'What cannot be undercut.',
    ),
    holds: z.record(z.string(), hold).nullish().meta({
      description: 'Legal holds, each under a name of your own: what one matches stays, with all after it.',
    }),
    requireArchive: setting(flag, 'Nothing goes that is not in the archive.', false),
    approvers: listSetting(
      vkey,
      'Verifier keys of those who may approve a prune; with any, nothing goes unless enough of them signed the request.',
      [],
    ),
    approvals: setting(count({ least: 1 }), 'So many of them must.', DEFAULT_APPROVALS),
    approvalDirectory: setting(path, 'Directory that signed requests are looked for in, *.note.', null),
  },
  'How long entries stay, and who must agree that they go.',
).refine(
  ({ approvers = [], approvals = DEFAULT_APPROVALS }) =>
    approvers.length === 0 || approvals <= new Set(approvers).size,
  {
    path: ['approvals'],
    error: 'are more than there are approvers',
    when: ifRight('approvers', 'approvals'),
  },
);

/** A map from names that are checked to lifetimes. */
function named(name: Reader<string>, description: string) {
  return mapSetting(lifetime, description, {}, name);
}

/** The sections as `applyRetention` takes them. */
export function retentionOptions(
  retention: z.output<typeof retentionSection>,
  archive: z.output<typeof archiveSection>,
  rotation: z.output<(typeof logSections)['rotation']>,
): RetentionOptions {
  const holds: LegalHold[] = Object.entries(retention.holds ?? {}).map(([id, { reason, ...rest }]) => ({
    ...{ id, reason: reason! },
    ...given(rest),
  }));
  return given({
    keep: retention.keep,
    types: plainMap(retention.types),
    categories: plainMap(retention.categories),
    levels: plainMap(retention.levels),
    floor: retention.floor.keep,
    floorTypes: plainMap(retention.floor.types),
    holds: holds.length === 0 ? undefined : holds,
    maxFiles: rotation.maxFiles,
    maxBytes: rotation.maxBytes,
    archive: archive.directory,
    archiveCompression: archive.compression,
    requireArchive: retention.requireArchive,
    approvers: retention.approvers,
    approvals: retention.approvals,
    approvalDirectory: retention.approvalDirectory,
  });
}

function plainMap(map: ReadonlyMap<string, number> | undefined): Record<string, number> | undefined {
  return map === undefined || map.size === 0 ? undefined : Object.fromEntries(map);
}
