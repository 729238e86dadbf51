// The chapters of the tour: each does one thing, prints what it shows, and says whether all was as it should be.
import { join, relative } from 'node:path';
import type { AuditLog, Entry, Finding } from '@audit/core';
import { clip, dim, heading, mark, pad, print, red, yellow } from './print.ts';
import { entryLine } from './tail.ts';
import { copyLog, crimes, type Trial, tryAll } from './tamper.ts';
import { Client, evening, morning, perform, type Step } from './tour.ts';

/** A request is in the log a moment after its answer; this is far longer than a moment. */
const RECORDED_WITHIN_MS = 30_000;
/** Entries of the day that are shown. */
const SHOWN = 8;

/** A genuine copy of the log, taken at noon. */
export interface OlderState {
  readonly directory: string;
  readonly size: number;
}

/** The shop is used, over HTTP. Copies the log at noon into the folder `copies`. */
export async function showDay(log: AuditLog, url: string, copies: string) {
  heading(`1  A day at the shop on ${url}`);
  const from = log.info().size;
  const client = new Client(url);
  const quiet = await live(log, client, morning);
  const older: OlderState = { directory: join(copies, 'older'), size: log.info().size };
  await copyLog(log.info().location, older.directory);
  const busy = await live(log, client, evening);

  const entries = await shopEntries(log, from);
  const expected = [...morning, ...evening].reduce((sum, step) => sum + step.times * step.entries, 0);
  const hangUps = [...morning, ...evening].reduce(
    (sum, step) => sum + (step.status === null ? step.times : 0),
    0,
  );
  const aborted = entries.filter(({ outcome }) => outcome === 'aborted').length;
  const good = entries.length === expected && aborted === hangUps;
  print(`  ${mark(good)} ${entries.length} entries on disk, chained and signed; the last of them:`);
  print();
  for (const entry of entries.slice(-SHOWN)) print(entryLine(entry));
  return { good: quiet && busy && good, older };
}

/** The whole log is verified, and anyone else is told how to. */
export async function showVerification(log: AuditLog): Promise<boolean> {
  const { vkey, location } = log.info();
  heading('2  The log is verified');
  const { verdict, size, entriesChecked, findings } = await log.verify({ keys: [vkey] });
  const good = verdict === 'intact' && size > 0 && entriesChecked === size;
  print(`  ${mark(good)} ${verdict}: ${entriesChecked} of ${size} entries checked`);
  for (const { code, message } of findings) print(clip(`    ${code}: ${message}`, 80));
  print(dim('  The same from a shell, by anyone who has the files and this key:'));
  print(`  VKEY=${vkey}`);
  const path = relative('', location);
  print(`  npm run -s audit -- verify ${path.startsWith('..') ? location : path} --key "$VKEY"`);
  return good;
}

/** Copies are tampered with; each time verification must say what was done, and where. */
export async function showTampering(log: AuditLog, older: OlderState, copies: string): Promise<boolean> {
  const { vkey, checkpoint, location } = log.info();
  heading('3  Copies of it are tampered with, and verified');
  const entries = await shopEntries(log, older.size);
  const all = crimes({ directory: location, older, note: checkpoint ?? '', entries });
  let good = true;
  for await (const trial of tryAll(all, vkey, copies)) {
    printTrial(trial);
    good &&= trial.caught;
  }
  return good;
}

/** From now on, each entry is one line. */
export function stayOpen(log: AuditLog, url: string): void {
  heading(`4  The shop stays open; Ctrl-C closes it. Try, in another terminal:`);
  print(`  curl ${url}/products`);
  print(`  curl ${url}/login --json '{"user":"ada","password":"guess"}'`);
  print(`  curl ${url}/orders/1/refund -X POST`);
  print();
  log.on('entry', ({ entry }) => print(entryLine(entry)));
  log.on('degraded', ({ reason }) => print(yellow(reason)));
}

/** Goes through the steps and waits until every request of them is in the log. */
async function live(log: AuditLog, client: Client, steps: readonly Step[]): Promise<boolean> {
  const recorded = requestsRecorded(
    log,
    steps.reduce((sum, { times }) => sum + times, 0),
  );
  recorded.catch(() => {}); // where a step fails first, that is the error to tell
  let good = true;
  for (const step of steps) {
    const wrong = await perform(client, step);
    const answer = step.status === null ? 'no answer' : String(step.status);
    const unexpected = wrong.length === 0 ? '' : red(`  but ${wrong.length} times ${wrong.join(', ')}`);
    print(
      `  ${mark(wrong.length === 0)} ${pad(step.what, 28)}${String(step.times).padStart(3)} × ${answer}${unexpected}`,
    );
    good &&= wrong.length === 0;
  }
  await recorded;
  return good;
}

/** Resolves once `count` more requests are in the log. */
function requestsRecorded(log: AuditLog, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = 0;
    const unsubscribe = log.on('entry', ({ entry }) => {
      if (entry.type !== 'http.request' || ++seen < count) return;
      clearTimeout(timer);
      unsubscribe();
      resolve();
    });
    const timer = setTimeout(() => {
      unsubscribe();
      reject(new Error(`only ${seen} of ${count} requests were recorded`));
    }, RECORDED_WITHIN_MS);
  });
}

/** Entries from `from` on that are about the shop; those about the log itself (`log.*`) are left out. */
async function shopEntries(log: AuditLog, from: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of log.entries({ from })) {
    if (!entry.type.startsWith('log.')) entries.push(entry);
  }
  return entries;
}

/** What was done, what verification says, and its own sentence about it. */
function printTrial({ crime, report, caught }: Trial): void {
  const named = report.findings.find(({ code }) => code === crime.finding);
  const found = crime.finding === null && caught ? undefined : (named ?? report.findings[0]);
  const told = found === undefined ? `${report.verdict} at ${report.size}` : found.code + placeOf(found);
  print(`  ${mark(caught)} ${pad(crime.name, 10)}${pad(crime.what, 38)}${told}`);
  const why = found?.message ?? 'A key cannot say that there was more: keep checkpoints on another machine.';
  print(dim(clip(`    ${why}`, 80)));
}

function placeOf({ seq }: Finding): string {
  if (seq === null) return '';
  return typeof seq === 'number' ? ` at ${seq}` : ` ${seq.from} to ${seq.to - 1}`;
}
