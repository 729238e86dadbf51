// The chapters of the tour: each does one thing, prints what it shows, and says whether all was as it should be.
import { join, relative } from 'node:path';
import type { AuditLog, Finding } from '@audit/core';
import { clip, dim, heading, mark, pad, print, red, yellow } from './print.ts';
import { entriesRecorded, serviceEntries } from './recorded.ts';
import type { Services } from './services.ts';
import { entryLine, recordLine } from './tail.ts';
import { copyState, crimes, type LogState, type Trial, tryAll } from './tamper.ts';
import { type Client, evening, morning, perform, type Step } from './tour.ts';

/** Entries of the day that are shown. */
const SHOWN = 8;

/** The shop is used, over HTTP. Copies the log at noon into the folder `copies`. */
export async function showDay({ log, shopUrl, warehouseUrl }: Services, client: Client, copies: string) {
  heading(`1  A day at the shop on ${shopUrl}`);
  print(dim(`  Its warehouse runs on NestJS at ${warehouseUrl}, over the same log.`));
  const from = log.info().size;
  const quiet = await live(log, client, morning);
  const older = await copyState(log, join(copies, 'older'));
  const busy = await live(log, client, evening);

  const entries = await serviceEntries(log, from);
  const expected = entriesOf([...morning, ...evening]);
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
  heading('3  The log is verified');
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
export async function showTampering(log: AuditLog, older: LogState, copies: string): Promise<boolean> {
  const now = await copyState(log, join(copies, 'now'));
  const { vkey, checkpoint } = log.info();
  heading('4  Copies of it are tampered with, and verified');
  const entries = (await serviceEntries(log, older.size)).filter(({ seq }) => seq < now.size);
  const all = crimes({ now, older, note: checkpoint ?? '', entries });
  let good = true;
  for await (const trial of tryAll(all, vkey, copies)) {
    printTrial(trial);
    good &&= trial.caught;
  }
  return good;
}

/** From now on, each entry is one line, and so is each record of the shop's logger. */
export function stayOpen({ log, shopUrl, warehouseUrl, records }: Services, token: string): void {
  heading(`6  The shop stays open; Ctrl-C closes it. Try, in another terminal:`);
  print(`  curl ${shopUrl}/products`);
  print(`  curl ${shopUrl}/login --json '{"user":"ada","password":"guess"}'`);
  print(`  curl ${shopUrl}/orders --json '{"product":"p1","quantity":1}' \\`);
  print(`       --oauth2-bearer ${token}`);
  print(`  curl ${shopUrl}/orders/1/refund -X POST`);
  print(`  curl ${warehouseUrl}/reservations -X POST`);
  print(`  curl ${shopUrl}/readyz ${shopUrl}/metrics`);
  print();
  log.on('entry', ({ entry }) => print(entryLine(entry)));
  log.on('degraded', ({ reason }) => print(yellow(reason)));
  records.on('record', (record) => print(recordLine(record)));
}

/** Goes through the steps and waits until everything they leave is in the log. */
async function live(log: AuditLog, client: Client, steps: readonly Step[]): Promise<boolean> {
  const recorded = entriesRecorded(log, entriesOf(steps));
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

function entriesOf(steps: readonly Step[]): number {
  return steps.reduce((sum, { times, entries }) => sum + times * entries, 0);
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
