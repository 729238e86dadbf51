// What code that an agent runs may use, and what is recorded of it. The options have the shape @audit/agent takes; this
// package does not import it, a test there holds the two together.
import type { z } from 'zod';
import { listSetting } from '../settings/collections.ts';
import { duration, LONGEST_TIMER, size } from '../settings/quantities.ts';
import { setting } from '../settings/setting.ts';
import { choice, text } from '../settings/words.ts';
import { given, section } from './section.ts';
import { MOST_TEXT, treatment } from './treatment.ts';

const time = duration({ most: LONGEST_TIMER });

export const sandboxSection = section(
  {
    timeout: setting(time, 'How long a process may take before SIGTERM; 0ms: as long as it wants.', '60s'),
    killGrace: setting(time, 'How long it is given between SIGTERM and SIGKILL.', '2s'),
    cpu: setting(time, 'Processor time of a process and what it starts, together; 0ms: no limit.', '60s'),
    memory: setting(
      size(),
      'Resident memory of a process and what it starts, together; watched, on Linux. 0B: no limit.',
      '512MiB',
    ),
    addressSpace: setting(
      size(),
      'Address space of each process; held to by the kernel, on Linux. 0B: no limit.',
      '0B',
    ),
    output: setting(size(), 'Output of a process; 0B: no limit.', '1MiB'),
    environment: listSetting(
      text({ what: 'the name of a variable', test: (name) => /^[^=\0]+$/.test(name) }),
      'Variables of the environment that are passed on. No others are.',
      ['PATH', 'LANG', 'TZ', 'TMPDIR'],
    ),
    code: setting(treatment, 'What is recorded of the code: hash, mask or clear.', 'hash'),
    result: setting(treatment, 'What is recorded of the output: hash, mask or clear.', 'hash'),
    text: setting(size({ most: MOST_TEXT }), 'How much of each text is recorded, where text is.', '8KiB'),
    sampleInterval: setting(
      duration({ least: 1, most: LONGEST_TIMER }),
      'How often it is looked what a process uses.',
      '100ms',
    ),
    onFailure: setting(
      choice('best-effort', 'strict'),
      'Whether code whose run cannot be recorded is run; strict records before it runs, too.',
      'best-effort',
    ),
  },
  'Sandbox: code that an agent runs.',
);

/** For `auditProcess` and `auditExecution`; times in milliseconds, sizes in bytes. */
export interface SandboxPolicy {
  readonly timeout?: number;
  readonly killGrace?: number;
  readonly cpu?: number;
  readonly memory?: number;
  readonly addressSpace?: number;
  readonly output?: number;
  readonly environment?: readonly string[];
  readonly code?: 'hash' | 'mask' | 'clear';
  readonly result?: 'hash' | 'mask' | 'clear';
  readonly text?: number;
  readonly sampleInterval?: number;
  readonly onFailure?: 'best-effort' | 'strict';
}

/** The section as @audit/agent takes it. */
export function sandboxOptions(values: z.output<typeof sandboxSection>): SandboxPolicy {
  return given(values);
}
