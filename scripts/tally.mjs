// Counts what the packages' vitest reports say. A package without a report counts as a failure: it did not run.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolders, readJson, root } from './workspace.mjs';

/** Where a package's tests leave their report (config/vitest.ts), relative to the package. */
const REPORT = '.reports/vitest.json';

/** Packages that have tests. */
function testedFolders() {
  return packageFolders().filter((folder) => readJson(`${folder}/package.json`).scripts?.test !== undefined);
}

/** Removes old reports, so that none is taken for this run's. */
export function clearReports() {
  for (const folder of testedFolders()) rmSync(join(root, folder, REPORT), { force: true });
}

/**
 * One `{name, passed, failed, skipped}` a package; `missing: true` where it left no readable report.
 * With `partial`, packages without a report are left out: the caller asked for some packages only.
 */
export function readReports(partial) {
  const reports = testedFolders().map((folder) => {
    const { name } = readJson(`${folder}/package.json`);
    try {
      return { name, ...count(JSON.parse(readFileSync(join(root, folder, REPORT), 'utf8'))) };
    } catch {
      return { name, passed: 0, failed: 0, skipped: 0, missing: true };
    }
  });
  return partial ? reports.filter((report) => !report.missing) : reports;
}

/** Counts one report of vitest's JSON reporter. A file that fails before its first test is one failure. */
export function count(report) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report.testResults) {
    const states = file.assertionResults.map((test) => test.status);
    const failed = states.filter((state) => state === 'failed').length;
    sum.passed += states.filter((state) => state === 'passed').length;
    sum.failed += file.status === 'failed' ? Math.max(1, failed) : failed;
    sum.skipped += states.filter((state) => state !== 'passed' && state !== 'failed').length;
  }
  return sum;
}

/** The closing lines and the verdict: it passes where nothing failed, every package reported, and some test passed. */
export function tally(reports) {
  const total = (key) => reports.reduce((sum, report) => sum + report[key], 0);
  const missing = reports.filter((report) => report.missing).map((report) => report.name);
  const skipping = reports.filter((report) => report.skipped > 0);
  const where = skipping.map((report) => `${report.name} ${report.skipped}`).join(', ');
  const lines = [];
  if (missing.length > 0) lines.push(`No report from ${missing.join(', ')}: counted as failed.`);
  lines.push(`Skipped tests: ${total('skipped')}${where === '' ? '' : ` (${where})`}.`);
  const failed = total('failed') + missing.length;
  if (total('passed') === 0 && failed === 0) lines.push('No test ran: this is not a pass.');
  lines.push(`${total('passed')} passed, ${failed} failed, ${total('skipped')} skipped`);
  return { lines, ok: failed === 0 && total('passed') > 0 };
}
