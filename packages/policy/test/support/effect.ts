// What a key of the policy does, as something that can be seen, and seen to be gone when the key is taken away.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Policy, parsePolicy } from '@audit/policy';
import { policyKeys } from '../../src/keys.ts';

export interface Effect {
  /** The value of the key, as YAML. */
  readonly value: string;
  /** What is set besides, in both runs: keys and their YAML. */
  readonly beside?: Readonly<Record<string, string>>;
  /** What the key is set to instead where it cannot be taken away. */
  readonly instead?: string;
  /** What is set besides in the run without the key, where `beside` makes no sense without it. */
  readonly besideWithout?: Readonly<Record<string, string>>;
  /** Does what the key acts on, in a working directory of its own, and tells what came of it. */
  observe(policy: Policy): Promise<unknown>;
  /** What `observe` tells where the key acts; without it, it must tell something else. */
  readonly expected: unknown;
}

/** By key. */
export type Effects = Readonly<Record<string, Effect>>;

/** Every key of the schema; `*` stands for a name of the user's own. */
export function allKeys(): readonly string[] {
  return policyKeys().map(({ path }) => path.join('.'));
}

/** What is observed with the key, and without it. */
export async function bothWays(key: string, effect: Effect): Promise<{ with: unknown; without: unknown }> {
  const { value, beside = {}, besideWithout = beside, instead } = effect;
  return {
    with: await observed({ ...beside, [key]: value }, effect),
    without: await observed(
      instead === undefined ? besideWithout : { ...besideWithout, [key]: instead },
      effect,
    ),
  };
}

async function observed(keys: Readonly<Record<string, string>>, { observe }: Effect): Promise<unknown> {
  const home = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'audit-policy-'));
  process.chdir(folder);
  try {
    return await observe(parsePolicy(yamlOf(keys)));
  } finally {
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `a.b.c` and YAML values as one document. A `*` in a key becomes the name `one`. */
export function yamlOf(keys: Readonly<Record<string, string>>): string {
  const tree: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(keys)) {
    const path = key.split('.').map((name) => (name === '*' ? 'one' : name));
    let at = tree;
    for (const name of path.slice(0, -1)) {
      at[name] ??= {};
      at = at[name] as Record<string, unknown>;
    }
    at[path.at(-1)!] = value;
  }
  const flow = (node: unknown): string =>
    typeof node === 'string'
      ? node
      : `{${Object.entries(node as object)
          .map(([name, child]) => `${name}: ${flow(child)}`)
          .join(', ')}}`;
  return flow(tree);
}
