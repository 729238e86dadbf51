// A text as a policy, or as the list of all that is wrong with it. Reads no file but those the policy names.
import type { AuditLogOptions } from '@audit/core';
import type { z } from 'zod';
import type { AlertingPolicy } from './alerting/options.ts';
import { DEFAULT_RECORDING_LEVEL, type EventRulesOptions } from './events/options.ts';
import { namesBelow, policyKeys } from './keys.ts';
import { invalidPolicy, type PolicyProblem } from './problem.ts';
import type { RetentionOptions } from './retention/options.ts';
import { policySchema } from './schema.ts';
import { alertingOptions } from './sections/alerting.ts';
import { type BackupPolicy, backupOptions } from './sections/archive.ts';
import { type AssessorPolicy, assessorOptions } from './sections/assessor.ts';
import { type DockerPolicy, dockerOptions } from './sections/docker.ts';
import { onFailureByType } from './sections/events.ts';
import { type HttpPolicy, httpOptions } from './sections/http.ts';
import { eventsOptions, recordingLevels } from './sections/levels.ts';
import { logOptions } from './sections/log.ts';
import { type MaintenancePolicy, maintenanceOptions } from './sections/maintenance.ts';
import { type ModelPolicy, modelOptions } from './sections/model.ts';
import { type MonitoringPolicy, monitoringOptions } from './sections/monitoring.ts';
import { privacyOptions } from './sections/privacy.ts';
import { retentionOptions } from './sections/retention.ts';
import { type SandboxPolicy, sandboxOptions } from './sections/sandbox.ts';
import { given } from './sections/section.ts';
import { type WinstonPolicy, winstonOptions } from './sections/winston.ts';
import type { Path, PolicyDocument } from './source/document.ts';
import type { Environment } from './source/environment.ts';
import { readPolicySource } from './source/inherit.ts';
import { nearest } from './source/nearest.ts';
import { rememberStated } from './stated.ts';

/** What a policy says, as plain options for those it speaks to. */
export interface Policy {
  /** The file, as it was named. */
  readonly file: string;
  /** For `openAuditLog`. */
  readonly log: AuditLogOptions;
  /** For `eventRules`, a handler of the log. */
  readonly events: EventRulesOptions;
  /** For an HTTP adapter of its own, for `auditExpress`, and for `AuditModule.forRoot`. */
  readonly http: HttpPolicy;
  readonly express: HttpPolicy;
  readonly nest: HttpPolicy;
  /** For `AuditTransport`. */
  readonly winston: WinstonPolicy;
  /** For `applyRetention`. */
  readonly retention: RetentionOptions;
  /** For `maintenanceJobs`, and `backupLog` of core. */
  readonly backups: BackupPolicy;
  /** For `watchDocker`, once for each engine. */
  readonly docker: DockerPolicy;
  /** For `auditAssessment` and its like. */
  readonly assessor: AssessorPolicy;
  /** For `auditProcess` and `auditExecution`. */
  readonly sandbox: SandboxPolicy;
  /** For `auditModelCall` and its like. */
  readonly model: ModelPolicy;
  /** For `startAlerting`. */
  readonly alerting: AlertingPolicy;
  /** For `startMonitoring`. */
  readonly monitoring: MonitoringPolicy;
  /** For `maintenanceJobs` and `startMaintenance`. */
  readonly maintenance: MaintenancePolicy;
  /** Whether a reload may make nothing of it weaker. */
  readonly locked: boolean;
}

export interface ParseOptions {
  /** Name of the file in problems. Default: `audit.yaml`. */
  readonly file?: string;
  /** Where `${NAME}` is looked up. Default: `process.env`. */
  readonly env?: Environment;
}

/**
 * Reads the text of a policy, and the files it extends. Paths in it are taken from the working directory, as on a command
 * line; only `extends` is taken from where its file is.
 *
 * @throws PolicyError `POLICY_INVALID` with every problem
 */
export function parsePolicy(text: string, options: ParseOptions = {}): Policy {
  const { file = 'audit.yaml', env = process.env } = options;
  const document = readPolicySource(text, file, env);
  const { files } = document;
  // Text that is no YAML is told alone: what was meant by it nobody knows.
  if (document.value === undefined) throw invalidPolicy(document.problems, files);
  const { data, error } = policySchema.safeParse(document.value);
  const problems = [
    ...document.problems,
    ...(error?.issues ?? []).flatMap((issue) => explain(issue, document)),
  ];
  if (data === undefined || problems.length > 0) throw invalidPolicy(problems, files);
  const { privacy, level, levels, events, integrations, alerting, locked, ...rest } = data;
  const { retention, archive, monitoring, maintenance, ...log } = rest;
  const all = recordingLevels(levels);
  const chosen = all[level ?? DEFAULT_RECORDING_LEVEL]!;
  const { http, express, nest, winston, docker } = integrations;
  const policy: Policy = {
    file,
    log: {
      ...logOptions(log),
      ...given({ onFailure: onFailureByType(events) }),
      privacy: privacyOptions(privacy),
    },
    retention: retentionOptions(retention, archive, log.rotation),
    backups: backupOptions(archive),
    events: eventsOptions(chosen, events),
    http: httpOptions([http], all, chosen),
    express: httpOptions([express, http], all, chosen),
    nest: httpOptions([nest, http], all, chosen),
    winston: winstonOptions(winston),
    docker: dockerOptions(docker),
    assessor: assessorOptions(integrations.assessor),
    sandbox: sandboxOptions(integrations.sandbox),
    model: modelOptions(integrations.model),
    alerting: alertingOptions(alerting),
    monitoring: monitoringOptions(monitoring),
    maintenance: maintenanceOptions(maintenance, log.integrity),
    locked: locked ?? false,
  };
  rememberStated(policy, document, data);
  return policy;
}

/** An issue of the schema as problems in our words, each at its place. */
function explain(issue: z.core.$ZodIssue, document: PolicyDocument): readonly PolicyProblem[] {
  const path: Path = issue.path;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => document.problem([...path, key], unknownKey(key, path), 'key'));
  }
  if (issue.code === 'invalid_type') {
    return [document.problem(path, 'must be a map of keys, each on its own line as "key: value"')];
  }
  const side = issue.code === 'custom' && issue.params?.at === 'key' ? 'key' : 'value';
  return [document.problem(path, issue.message, side)];
}

/** What was probably meant by a key that is none. */
function unknownKey(key: string, path: Path): string {
  const names = namesBelow(path.map(String));
  const meant = nearest(key, names);
  if (meant !== undefined) return `is no key; did you mean ${meant}?`;
  const elsewhere = policyKeys()
    .find((known) => known.path.at(-1) === key)
    ?.path.join('.');
  if (elsewhere !== undefined) return `is no key here; there is ${elsewhere}`;
  return `is no key; there are ${names.join(', ')}`;
}
