// Every event type the package knows, with the category and level events.md gives it. Imports the model only.
import type { Category, JsonObject, Level, Outcome } from '../model.ts';

/** What a level may depend on: the outcome, and the event's `data` after conversion to JSON. */
export interface LevelInput {
  readonly outcome: Outcome;
  readonly data: JsonObject;
}

/** A level, or the rule that gives it. A rule is pure and total. */
export type LevelRule = Level | ((event: LevelInput) => Level);

export interface CatalogueEntry {
  readonly category: Category;
  readonly level: LevelRule;
}

/** The level an event of the catalogue has where its caller gives none. */
export function levelOf(rule: LevelRule, event: LevelInput): Level {
  return typeof rule === 'string' ? rule : rule(event);
}

const refused: LevelRule = ({ outcome }) =>
  outcome === 'denied' || outcome === 'failure' ? 'security' : 'info';

const failed: LevelRule = ({ outcome }) => (outcome === 'failure' ? 'error' : 'info');

const SEVERITY_LEVELS: Readonly<Record<string, Level>> = {
  critical: 'critical',
  high: 'error',
  error: 'error',
  medium: 'warning',
  moderate: 'warning',
  warning: 'warning',
};
const ASCENDING: readonly Level[] = ['info', 'warning', 'error', 'critical'];

/** The heaviest level among the `severity` of the items of a list. */
function worst(items: unknown): Level {
  let found = 0;
  for (const item of Array.isArray(items) ? items : []) {
    const severity = (item as { severity?: unknown } | null)?.severity;
    const level = typeof severity === 'string' ? SEVERITY_LEVELS[severity.toLowerCase()] : undefined;
    if (level !== undefined) found = Math.max(found, ASCENDING.indexOf(level));
  }
  return ASCENDING[found] as Level;
}

const assessed: LevelRule = ({ data }) => worst(data.findings);

const riskyContainer: LevelRule = ({ data }) => {
  const risk = worst(data.risks);
  return risk === 'error' || risk === 'critical' ? 'security' : 'info';
};

const died: LevelRule = ({ data }) =>
  data.exitCode === undefined || data.exitCode === null || data.exitCode === 0 ? 'info' : 'warning';

const violated: LevelRule = ({ data }) =>
  data.action === 'killed' || data.oomKilled === true ? 'critical' : 'warning';

/** `{ '<prefix>.<name>': entry }` for each name: a row of events.md. */
function row(names: string, category: Category, level: LevelRule): [string, CatalogueEntry][] {
  const [first = '', ...rest] = names.split(' ');
  const prefix = first.slice(0, first.indexOf('.') + 1);
  return [first, ...rest.map((name) => prefix + name)].map((type) => [type, { category, level }]);
}

/**
 * Event type → its category and level. Source: events.md, *Catalogue*; within a row the later names share the
 * prefix of the first.
 */
export const CATALOGUE: ReadonlyMap<string, CatalogueEntry> = new Map([
  ...row('http.request', 'communication', 'info'),
  ...row('auth.attempt', 'authentication', refused),
  ...row('auth.logout', 'authentication', 'info'),
  ...row('authz.denied', 'authorization', 'security'),
  ...row('security.violation', 'authorization', 'critical'),
  ...row('security.event', 'authorization', 'security'),
  ...row('agent.create stop', 'agent_lifecycle', 'info'),
  ...row('agent.error', 'error_handling', 'error'),
  ...row('session.start end', 'session_management', 'info'),
  ...row('code.execution', 'code_execution', failed),
  ...row('security.assessment', 'security_assessment', assessed),
  ...row('container.create', 'container', riskyContainer),
  ...row('container.start restart stop pause unpause update rename destroy health', 'container', 'info'),
  ...row('container.die', 'container', died),
  ...row('container.kill exec', 'container', 'security'),
  ...row('image.pull import delete tag', 'container', 'info'),
  ...row('network.connect disconnect create destroy', 'container', 'info'),
  ...row('volume.create mount destroy', 'container', 'info'),
  ...row('resource.violation', 'resource', violated),
  ...row('file.access', 'file_system', 'info'),
  ...row('model.inference', 'model', 'info'),
  ...row('conversation.summary', 'model', 'info'),
  ...row('system.start stop', 'system_health', 'info'),
  ...row('system.config_change', 'configuration', 'security'),
  ...row('system.error', 'error_handling', 'error'),
  ...row('data.read create update delete', 'data_access', 'info'),
  ...row('key.use change', 'cryptographic', 'security'),
  ...row('performance.threshold', 'performance', 'warning'),
  ...row('alert.raised delivered failed', 'audit', 'warning'),
  ...row('log.create open close heartbeat rotate clock verify read export', 'audit', 'info'),
  ...row('log.recover prune restore key.rotate', 'audit', 'security'),
  ...row('log.gap', 'audit', 'critical'),
]);
