import { execFileSync } from 'node:child_process';
import { mkdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AuditError } from '../../src/errors.ts';
import { openAuditLog } from '../../src/log/open.ts';
import { checkLog, deferred, event, FaultyStore, gaps, numbers, until } from '../log/harness.ts';
import { Workplace } from './spooled-log.ts';

const canMount = (() => {
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();

/** A disk of 2 MiB under a workplace, and a file on it that takes all but what is left to others. */
class TinyDisk implements AsyncDisposable {
  readonly path: string;
  readonly #ballast: string;

  private constructor(path: string) {
    this.path = path;
    this.#ballast = join(path, 'ballast');
  }

  static async mount(work: Workplace, name: string): Promise<TinyDisk> {
    const path = join(work.root, name);
    await mkdir(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path]);
    return new TinyDisk(path);
  }

  fill(kilobytes: number): void {
    execFileSync('dd', ['if=/dev/zero', `of=${this.#ballast}`, 'bs=1k', `count=${kilobytes}`], {
      stdio: 'ignore',
    });
  }

  makeRoom(): Promise<void> {
    return unlink(this.#ballast);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    execFileSync('umount', [this.path]);
  }
}

const text = 'z'.repeat(1_000);

test.skipIf(!canMount)(
  'where the disk of the log is full, events wait on the disk of the spool until there is room again',
  async () => {
    await using work = await Workplace.make();
    await using tiny = await TinyDisk.mount(work, 'tiny');
    const directory = join(tiny.path, 'log');
    const log = await openAuditLog({
      ...{ directory, origin: 'test.example/audit', stateDirectory: join(work.root, 'private') },
      ...{ onFailure: 'spool', spoolDirectory: work.spool, queueEvents: 50, queueTimeout: 100 },
      onKeyCreated: () => {},
    });
    tiny.fill(1_800);
    let next = 0;
    let told = 'recorded';
    while (told === 'recorded') {
      for (let i = 0; i < 20; i++, next++) log.emit(event(next, { data: { n: next, text } }));
      const n = next++;
      told = await log.record(event(n, { data: { n, text } })).then(
        () => 'recorded',
        (error: AuditError) => error.code,
      );
    }
    expect(told).toBe('SPOOLED');
    for (let i = 0; i < 300; i++, next++) log.emit(event(next, { data: { n: next, text } }));
    expect(log.health().spooled.events).toBeGreaterThan(300);
    await tiny.makeRoom();
    await log.flush();
    expect(log.health()).toMatchObject({ status: 'ok', lost: {}, spooled: { events: 0 } });
    const found: unknown[] = [];
    for await (const { data } of log.entries({ type: 'data.update' })) found.push(data?.n);
    expect([...found].sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: next }, (_, n) => n),
    );
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();
  },
);

test.skipIf(!canMount)(
  'where the disk of the spool is full, what it does not take is counted, and what it took is recorded',
  async () => {
    await using work = await Workplace.make();
    await using tiny = await TinyDisk.mount(work, 'spool');
    const store = new FaultyStore();
    const log = await work.open(store, { queueEvents: 10, queueTimeout: 20 });
    const errors: Error[] = [];
    log.on('error', (error) => errors.push(error));
    const gate = deferred();
    store.beforeAppend = () => gate.promise;
    tiny.fill(1_000);
    let next = 0;
    const emit = (count: number) => {
      for (let i = 0; i < count; i++, next++) log.emit(event(next, { data: { n: next, text } }));
    };
    while (log.health().lost['spool-failed'] === undefined) {
      emit(30);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(errors.at(-1)).toMatchObject({
      code: 'STORE_IO',
      message: expect.stringContaining('ENOSPC'),
    });
    const refused = await log.record(event(-1)).catch((error: AuditError) => error.code);
    expect(['QUEUE_FULL', 'SPOOLED']).toContain(refused);
    await tiny.makeRoom();
    emit(30);
    await until(() => log.health().spooled.events > 0);
    gate.resolve();
    await log.flush();
    const lost = log.health().lost;
    await log.close();
    const entries = await checkLog(store);
    const found = numbers(entries).filter((n) => n !== -1);
    expect(found).toEqual([...found].sort((a, b) => Number(a) - Number(b)));
    expect(found.length + lost['spool-failed']!).toBe(next);
    expect(gaps(entries)).toEqual(lost);
    expect(found.slice(-30)).toEqual(Array.from({ length: 30 }, (_, n) => next - 30 + n));
    expect(await work.files()).toEqual([]);
  },
);
