// Where sealed segments are archived before anything is pruned.
import { DEFAULT_ARCHIVE_COMPRESSION } from '@audit/core';
import { setting } from '../settings/setting.ts';
import { choice, path } from '../settings/words.ts';
import { section } from './section.ts';

export const archiveSection = section(
  {
    directory: setting(
      path,
      'Directory that finished segments are copied to, made where it is missing: a log of its own that can be verified.',
      null,
    ),
    compression: setting(
      choice('gzip', 'none'),
      'How they lie there: gzip as in the log, none as plain lines.',
      DEFAULT_ARCHIVE_COMPRESSION,
    ),
  },
  'A second directory that has the whole history.',
);
