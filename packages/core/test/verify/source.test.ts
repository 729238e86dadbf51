// The directory as verification reads it: live, incomplete, or a copy.
import { chmodSync, readdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFileSource } from '../../src/store/file/source.ts';
import type { LogSource } from '../../src/verify/source.ts';
import { verifyLog } from '../../src/verify/verify-log.ts';
import { copyOf, gzipMembers, Log, segmentFile, temporaryDirectory } from './fixture.ts';
import { held, verify } from './verify.ts';

const log = new Log({ count: 300, segments: [0, 280], kept: [100, 280] });
const original = log.write();

describe('a log directory', () => {
  it('that is not there is an error, not a finding', async () => {
    await expect(openFileSource(temporaryDirectory())).rejects.toMatchObject({ code: 'LOG_MISSING' });
  });

  it('verifies without node, by the portable code, to the same report', async () => {
    const portable = await verifyLog(await openFileSource(original), {});
    expect(portable).toEqual(await verify(original, null));
    expect(portable).toMatchObject({ verdict: 'intact', entriesChecked: 300 });
  });

  it('verifies as a copy without its private side', async () => {
    const copy = copyOf(original);
    rmSync(`${copy}.private`, { recursive: true });
    expect(await verify(copy, log.key)).toMatchObject({ verdict: 'intact', findings: [] });
  });

  it('is read and never written', async () => {
    const copy = copyOf(original);
    chmodSync(copy, 0o500);
    const before = readdirSync(copy, { recursive: true });
    await verify(copy, log.key);
    expect(readdirSync(copy, { recursive: true })).toEqual(before);
    chmodSync(copy, 0o700);
  });

  it('may have a segment in both forms; the plain one counts', async () => {
    const copy = copyOf(original);
    writeFileSync(join(copy, 'entries', `${segmentFile(0)}.gz`), 'half written');
    expect(await verify(copy, log.key)).toMatchObject({ verdict: 'intact', findings: [] });
  });

  it('may hold other files, which do not count', async () => {
    const copy = copyOf(original);
    writeFileSync(join(copy, 'entries', `${segmentFile(0)}.gz.tmp`), 'unfinished');
    writeFileSync(join(copy, 'entries', 'README'), 'hello');
    expect(await verify(copy, log.key)).toMatchObject({ verdict: 'intact', findings: [] });
  });

  it('may have a high-water file from right after creation', async () => {
    const copy = copyOf(original);
    writeFileSync(
      join(`${copy}.private`, 'high-water'),
      '{"origin":"shop.example/audit","size":0,"note":""}\n',
    );
    expect(await verify(copy, log.key)).toMatchObject({ verdict: 'intact', findings: [] });
  });

  it('may have a high-water file whose fields and note disagree, which is found', async () => {
    const copy = copyOf(original);
    const mark = { origin: 'shop.example/audit', size: 1, note: log.note(300) };
    writeFileSync(join(`${copy}.private`, 'high-water'), JSON.stringify(mark));
    expect(held(await verify(copy, log.key))).toEqual(['signature-invalid']);
  });
});

describe('while the log is being written', () => {
  /** A source that does something just before segments are read. */
  function disturbed(source: LogSource, disturb: () => void): LogSource {
    return {
      location: source.location,
      notes: () => source.notes(),
      torn: () => source.torn(),
      segments: async () => {
        const segments = await source.segments();
        disturb();
        return segments;
      },
      hashes: (level, from, to) => source.hashes(level, from, to),
      kept: () => source.kept(),
      vkeys: () => source.vkeys(),
    };
  }

  it('a segment compressed between listing and reading is found again', async () => {
    const copy = copyOf(original);
    const plain = join(copy, 'entries', segmentFile(0));
    const source = disturbed(await openFileSource(copy), () => {
      writeFileSync(`${plain}.gz`, gzipMembers(log.lines.slice(0, 280), 0));
      unlinkSync(plain);
    });
    expect(await verifyLog(source)).toMatchObject({ verdict: 'intact', entriesChecked: 300, findings: [] });
  });

  it('entries that came after the notes were read are no finding but the tail', async () => {
    const copy = new Log({ ...log.plan, count: 299, keys: [{ from: 0, key: log.key }] }).write();
    const source = disturbed(await openFileSource(copy), () => {
      writeFileSync(join(copy, 'entries', segmentFile(280)), `${log.lines.slice(280).join('\n')}\n`);
    });
    await source.torn();
    const report = await verifyLog(source);
    expect(report).toMatchObject({ verdict: 'intact', size: 299 });
    expect(held(report)).toEqual(['unsigned-tail 299-300']);
  });

  it('a new segment that came after the notes were read is tail as well', async () => {
    const copy = new Log({
      ...log.plan,
      segments: [0],
      kept: [],
      count: 280,
      keys: [{ from: 0, key: log.key }],
    }).write();
    const source = disturbed(await openFileSource(copy), () => {});
    writeFileSync(join(copy, 'entries', segmentFile(280)), `${log.lines.slice(280).join('\n')}\n`);
    const report = await verifyLog(source);
    expect(report).toMatchObject({ verdict: 'intact', size: 280, entriesChecked: 280 });
    expect(held(report)).toEqual(['unsigned-tail 280-300']);
  });

  it('a segment that was renamed to nothing is missing', async () => {
    const copy = copyOf(original);
    const plain = join(copy, 'entries', segmentFile(0));
    const source = disturbed(await openFileSource(copy), () => renameSync(plain, join(copy, 'elsewhere')));
    expect(held(await verifyLog(source))).toEqual(['entry-missing 0-280']);
  });
});
