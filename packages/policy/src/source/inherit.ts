// A policy and the files it extends, as one document in which every value keeps its place.
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { PolicyProblem } from '../problem.ts';
import { type PolicyDocument, readDocument } from './document.ts';
import { type Environment, plain } from './environment.ts';
import { readTextFile } from './text-file.ts';

/** The key that names the file a policy extends. */
const EXTENDS = 'extends';

/** The files of a policy, nearest first, as one. */
export interface PolicySource extends PolicyDocument {
  readonly files: readonly string[];
}

/**
 * Reads a text and what it extends. Maps are merged key by key; anything else of the nearer file stands instead of what
 * the further one says. A key that is left empty says nothing.
 *
 * @param file its name, which is where a relative `extends` is taken from
 */
export function readPolicySource(text: string, file: string, env: Environment): PolicySource {
  const documents = [readDocument(text, file, env)];
  const files = [file];
  const problems: PolicyProblem[] = [];
  for (;;) {
    const nearer = documents.at(-1)!;
    const wanted = extended(nearer.value);
    // What is no path at all is told by the schema.
    if (typeof wanted !== 'string' || wanted === '') break;
    const further = isAbsolute(wanted) ? wanted : join(dirname(files.at(-1)!), wanted);
    const problem = refusal(further, files);
    if (problem !== undefined) {
      problems.push(nearer.problem([EXTENDS], problem));
      break;
    }
    try {
      documents.push(readDocument(readTextFile(further), further, env));
      files.push(further);
    } catch (error) {
      problems.push(
        nearer.problem([EXTENDS], `names a file that cannot be used. ${(error as Error).message}`),
      );
      break;
    }
  }
  return { ...joined(documents, problems), files };
}

function extended(value: unknown): unknown {
  return isMap(value) ? plain(value[EXTENDS]) : undefined;
}

/** A file that extends itself, at once or by way of others, never ends. */
function refusal(further: string, files: readonly string[]): string | undefined {
  const at = files.findIndex((file) => resolve(file) === resolve(further));
  if (at === -1) return undefined;
  const way = [...files.slice(at), further].join(' → ');
  return `leads back to a file that is being read (${way}): take one of them out`;
}

function joined(documents: readonly PolicyDocument[], more: readonly PolicyProblem[]): PolicyDocument {
  return {
    // Text that is no YAML says nothing, and nothing of the others can be judged without it.
    value: documents.some(({ value }) => value === undefined)
      ? undefined
      : documents.map(({ value }) => value).reduceRight((further, nearer) => merge(nearer, further)),
    problems: [...documents.flatMap(({ problems }) => problems), ...more],
    place(path) {
      for (const document of documents) {
        const place = document.place(path);
        if (place !== undefined) return place;
      }
      return undefined;
    },
    problem(path, message, side) {
      for (let length = path.length; length > 0; length--) {
        const known = documents.find((document) => document.place(path.slice(0, length)) !== undefined);
        if (known !== undefined) return known.problem(path, message, side);
      }
      return documents[0]!.problem(path, message, side);
    },
  };
}

function merge(nearer: unknown, further: unknown): unknown {
  if (nearer === null) return further;
  if (!isMap(nearer) || !isMap(further)) return nearer;
  const out: Record<string, unknown> = { ...further };
  for (const [name, value] of Object.entries(nearer)) {
    out[name] = Object.hasOwn(further, name) ? merge(value, further[name]) : value;
  }
  return out;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
