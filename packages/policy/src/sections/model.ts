// What is recorded of calls of models. The options have the shape @audit/agent takes; this package does not import it, a test
// there holds the two together.
import type { z } from 'zod';
import { size } from '../settings/quantities.ts';
import { setting } from '../settings/setting.ts';
import { choice } from '../settings/words.ts';
import { given, section } from './section.ts';
import { MOST_TEXT, treatment } from './treatment.ts';

export const modelSection = section(
  {
    prompt: setting(treatment, 'What is recorded of what a model is asked: hash, mask or clear.', 'hash'),
    completion: setting(
      treatment,
      'What is recorded of what it answers, arguments of tools included: hash, mask or clear.',
      'hash',
    ),
    text: setting(size({ most: MOST_TEXT }), 'How much of each text is recorded, where text is.', '8KiB'),
    onFailure: setting(
      choice('best-effort', 'strict'),
      'Whether a model is asked where that cannot be recorded; strict records before it is asked, too.',
      'best-effort',
    ),
  },
  'Calls of models.',
);

/** For `auditModelCall` and its like; sizes in bytes. */
export interface ModelPolicy {
  readonly prompt?: 'hash' | 'mask' | 'clear';
  readonly completion?: 'hash' | 'mask' | 'clear';
  readonly text?: number;
  readonly onFailure?: 'best-effort' | 'strict';
}

/** The section as @audit/agent takes it. */
export function modelOptions(values: z.output<typeof modelSection>): ModelPolicy {
  return given(values);
}
