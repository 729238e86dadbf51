// What retention did, or would do, for people.
import type { RetentionResult, SegmentReason } from '@audit/policy';
import { columns } from './columns.ts';
import { bytes, count, entryCount } from './quantity.ts';
import { visible } from './visible.ts';

const WORDS: Readonly<Record<SegmentReason, string>> = {
  expired: 'everything in it has expired',
  'max-files': 'there are more segments than rotation.maxFiles',
  'max-bytes': 'there are more bytes than rotation.maxBytes',
  'not-expired': 'something in it has not expired',
  floor: 'it is younger than the floor',
  hold: 'a legal hold',
  'not-sealed': 'it is not finished yet',
  behind: 'something before it stays',
};

export function renderRetention(result: RetentionResult): string {
  const { segments, pruned, archived, archiveError, dryRun } = result;
  const goesTo = pruned?.to ?? 0;
  const lines = columns(
    segments.map(({ first, entries, bytes: size, goes, reason, holds }) => [
      first + entries <= goesTo ? (dryRun ? 'would go' : 'gone') : goes ? 'may go' : 'stays',
      `${count(first)} to ${count(first + entries - 1)}`,
      bytes(size),
      WORDS[reason] + (holds.length > 0 ? `: ${visible(holds.join(', '))}` : ''),
    ]),
  );
  if (archived !== null) {
    const what = archived.segments.length === 0 ? 'nothing new' : `${bytes(archived.bytes)} more`;
    lines.push('', `Archived in ${visible(archived.archive)}: ${what}, up to entry ${archived.size - 1}.`);
  }
  if (archiveError !== null)
    lines.push('', `The archive failed, so nothing was copied: ${visible(archiveError.message)}`);
  lines.push('', summary(result));
  return `${lines.join('\n')}\n`;
}

function summary({ pruned, dryRun, request }: RetentionResult): string {
  if (pruned === null) return request === null ? 'Nothing goes.' : 'Nothing goes before it is approved.';
  const what = `${entryCount(pruned.entries)}, ${bytes(pruned.bytes)}`;
  if (dryRun) return `Would prune ${what}. Nothing was changed.`;
  return `Pruned ${what}; entry ${pruned.seq} says so.`;
}
