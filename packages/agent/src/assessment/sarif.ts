// SARIF 2.1.0 (OASIS), which most scanners can write; the sections named are of its specification.
import type { Severity } from '@audit/core';
import {
  isMembers,
  listAt,
  listIn,
  type Members,
  membersAt,
  membersIn,
  textAt,
  textIn,
  wordAt,
} from '../members.ts';
import { Findings, type ScanReport } from './report.ts';

const FORMAT = 'SARIF 2.1.0';

/** §3.27.10. */
const LEVELS_OF: Readonly<Record<string, Severity>> = {
  error: 'high',
  warning: 'medium',
  note: 'low',
  none: 'info',
};
/** §3.27.9: only these are something to do. */
const KINDS: Readonly<Record<string, boolean>> = {
  ...{ fail: true, open: true, review: true },
  ...{ pass: false, notApplicable: false, informational: false },
};

export function readSarif(document: Members, most: number): ScanReport {
  const findings = new Findings(most);
  const tools = listAt(document.runs, '/runs', FORMAT).map((item, i) => {
    const run = membersAt(item, `/runs/${i}`, FORMAT);
    readRun(run, `/runs/${i}`, findings);
    const driver = membersIn(membersIn(run, 'tool'), 'driver');
    const name = textAt(driver.name, `/runs/${i}/tool/driver/name`, FORMAT);
    return { name, version: textIn(driver, 'semanticVersion') ?? textIn(driver, 'version') };
  });
  const names = [...new Set(tools.map(({ name }) => name))];
  const versions = [...new Set(tools.flatMap(({ version }) => version ?? []))];
  return findings.report(
    'sarif',
    names.join(', ') || 'unknown',
    versions.length > 0 ? versions.join(', ') : undefined,
  );
}

function readRun(run: Members, at: string, findings: Findings): void {
  // §3.14.23: a scan that was made has results, if only an empty list.
  if (run.results === undefined || run.results === null) findings.errors++;
  else {
    const rules = new Rules(run);
    listAt(run.results, `${at}/results`, FORMAT).forEach((item, i) => {
      readResult(membersAt(item, `${at}/results/${i}`, FORMAT), `${at}/results/${i}`, {
        run,
        rules,
        findings,
      });
    });
  }
  for (const invocation of listIn(run, 'invocations')) {
    // §3.20.14, §3.20.21
    if (isMembers(invocation) && invocation.executionSuccessful === false) findings.errors++;
    const notes = ['toolExecutionNotifications', 'toolConfigurationNotifications'];
    const told = notes.flatMap((name) => listIn(invocation, name));
    findings.errors += told.filter((note) => textIn(note, 'level') === 'error').length;
  }
}

interface Scene {
  readonly run: Members;
  readonly rules: Rules;
  readonly findings: Findings;
}

function readResult(result: Members, at: string, { run, rules, findings }: Scene): void {
  const rule = rules.of(result);
  const isFinding = wordAt(result.kind ?? 'fail', KINDS, `${at}/kind`, FORMAT);
  const severity = severityOf(result, rule, at);
  // §3.27.24: it was there in an earlier run.
  if (!isFinding || result.baselineState === 'absent') return;
  if (isSuppressed(result)) {
    findings.suppressed++;
    return;
  }
  const place = membersIn(listIn(result, 'locations')[0], 'physicalLocation');
  const help = textIn(rule, 'helpUri') ?? textIn(membersIn(rule, 'help'), 'text');
  const [fix] = listIn(result, 'fixes');
  findings.add({
    ruleId:
      textIn(result, 'ruleId') ?? textIn(membersIn(result, 'rule'), 'id') ?? textIn(rule, 'id') ?? 'unknown',
    severity,
    file: fileOf(membersIn(place, 'artifactLocation'), run),
    line: membersIn(place, 'region').startLine,
    message: messageOf(membersIn(result, 'message'), rule),
    recommendation: textIn(membersIn(fix, 'description'), 'text') ?? help,
  });
}

/** §3.35.2: a suppression that is under review or was rejected is none. */
function isSuppressed(result: Members): boolean {
  const suppressions = listIn(result, 'suppressions');
  return (
    suppressions.length > 0 &&
    suppressions.every((one) => (textIn(one, 'status') ?? 'accepted') === 'accepted')
  );
}

/** The score that code hosts have agreed on where the rule has one, else the level: its own, or that of the rule. */
function severityOf(result: Members, rule: Members, at: string): Severity {
  const level = wordAt(
    result.level ?? membersIn(rule, 'defaultConfiguration').level ?? 'warning',
    LEVELS_OF,
    `${at}/level`,
    FORMAT,
  );
  const told =
    membersIn(result, 'properties')['security-severity'] ??
    membersIn(rule, 'properties')['security-severity'];
  const score = typeof told === 'string' && told !== '' ? Number(told) : told;
  if (typeof score !== 'number' || !(score >= 0 && score <= 10)) return level;
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  return score > 0 ? 'low' : 'info';
}

/** §3.4: by an index into the artifacts of the run, or by itself. */
function fileOf(location: Members, run: Members): string | undefined {
  const index = location.index;
  const artifact = typeof index === 'number' ? listIn(run, 'artifacts')[index] : undefined;
  return textIn(location, 'uri') ?? textIn(membersIn(artifact, 'location'), 'uri');
}

/** §3.11: a text, or the id of one of the rule's, with arguments in place of `{0}`. */
function messageOf(message: Members, rule: Members): string | undefined {
  const text =
    textIn(message, 'text') ??
    textIn(membersIn(membersIn(rule, 'messageStrings'), textIn(message, 'id') ?? ''), 'text');
  const values = listIn(message, 'arguments');
  return text?.slice(0, 2_048).replace(/\{(\d{1,3})\}/g, (placeholder, i: string) => {
    const value = values[Number(i)];
    return typeof value === 'string' ? value.slice(0, 256) : placeholder;
  });
}

/** The rules of a run's driver and extensions (§3.19.23), found once by id. */
class Rules {
  readonly #driver: readonly unknown[];
  readonly #extensions: readonly unknown[];
  readonly #byId = new Map<string, Members>();

  constructor(run: Members) {
    const tool = membersIn(run, 'tool');
    this.#driver = listIn(membersIn(tool, 'driver'), 'rules');
    this.#extensions = listIn(tool, 'extensions');
    for (const rule of [...this.#driver, ...this.#extensions.flatMap((one) => listIn(one, 'rules'))]) {
      const id = textIn(rule, 'id');
      if (id !== undefined && !this.#byId.has(id)) this.#byId.set(id, rule as Members);
    }
  }

  /** §3.27.5 to §3.27.7, §3.52: by index where there is one, else by id; `CA1000/1` is of rule `CA1000`. */
  of(result: Members): Members {
    const reference = membersIn(result, 'rule');
    const component = membersIn(reference, 'toolComponent').index;
    const rules = typeof component === 'number' ? listIn(this.#extensions[component], 'rules') : this.#driver;
    const index = result.ruleIndex ?? reference.index;
    const found = typeof index === 'number' && index >= 0 ? rules[index] : undefined;
    if (isMembers(found)) return found;
    let id = textIn(result, 'ruleId') ?? textIn(reference, 'id') ?? '';
    for (let depth = 0; depth < 8; depth++) {
      const rule = this.#byId.get(id);
      if (rule !== undefined) return rule;
      id = id.slice(0, Math.max(0, id.lastIndexOf('/')));
    }
    return {};
  }
}
