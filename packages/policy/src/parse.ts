// A text as a policy, or as the list of all that is wrong with it. Reads no file but those the policy names.
import type { AuditLogOptions } from '@audit/core';
import type { z } from 'zod';
import { namesBelow, policyKeys } from './keys.ts';
import { invalidPolicy, type PolicyProblem } from './problem.ts';
import { policySchema } from './schema.ts';
import { type DockerPolicy, dockerOptions } from './sections/docker.ts';
import { logOptions } from './sections/log.ts';
import { type MonitoringPolicy, monitoringOptions } from './sections/monitoring.ts';
import { privacyOptions } from './sections/privacy.ts';
import { type Path, type PolicyDocument, readDocument } from './source/document.ts';
import type { Environment } from './source/environment.ts';
import { nearest } from './source/nearest.ts';

/** What a policy says, as plain options for those it speaks to. */
export interface Policy {
  /** The file, as it was named. */
  readonly file: string;
  /** For `openAuditLog`. */
  readonly log: AuditLogOptions;
  /** For `watchDocker`, once for each engine. */
  readonly docker: DockerPolicy;
  /** For the server of health and metrics. */
  readonly monitoring: MonitoringPolicy;
}

export interface ParseOptions {
  /** Name of the file in problems. Default: `audit.yaml`. */
  readonly file?: string;
  /** Where `${NAME}` is looked up. Default: `process.env`. */
  readonly env?: Environment;
}

/**
 * Reads the text of a policy. Paths in it are taken from the working directory, as on a command line.
 *
 * @throws PolicyError `POLICY_INVALID` with every problem
 */
export function parsePolicy(text: string, options: ParseOptions = {}): Policy {
  const { file = 'audit.yaml', env = process.env } = options;
  const document = readDocument(text, file, env);
  // Text that is no YAML is told alone: what was meant by it nobody knows.
  if (document.value === undefined) throw invalidPolicy(document.problems);
  const { data, error } = policySchema.safeParse(document.value);
  const problems = [
    ...document.problems,
    ...(error?.issues ?? []).flatMap((issue) => explain(issue, document)),
  ];
  if (data === undefined || problems.length > 0) throw invalidPolicy(problems);
  const { privacy, integrations, monitoring, ...log } = data;
  return {
    file,
    log: { ...logOptions(log), privacy: privacyOptions(privacy) },
    docker: dockerOptions(integrations.docker),
    monitoring: monitoringOptions(monitoring),
  };
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
