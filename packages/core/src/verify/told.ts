// What the log wrote of its own life: told to the reader, not held against the log.
import type { Entry } from '../event/model.ts';
import type { Findings } from './findings.ts';

export function tellOwnLife(entries: readonly Entry[], findings: Findings): void {
  for (const { type, seq, id, time, data } of entries) {
    switch (type) {
      case 'log.recover':
        findings.add('recovered', seq, `The log was recovered at ${time}: ${inWords(data)}.`, { id });
        break;
      case 'log.gap':
        findings.add('gap', seq, `The log says at ${time} that events were not recorded: ${inWords(data)}.`, {
          id,
        });
        break;
      case 'log.clock':
        findings.add('clock', seq, `The clock was set: ${inWords(data)}.`, { id });
        break;
    }
  }
}

const MAX_WORDS = 300;

function inWords(data: Entry['data']): string {
  const words = JSON.stringify(data ?? {});
  return words.length > MAX_WORDS ? `${words.slice(0, MAX_WORDS)}…` : words;
}
