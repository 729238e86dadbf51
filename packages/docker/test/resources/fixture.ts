// Recorded and written answers of the engine: fixtures/README.md says where each is from.
import { readFileSync } from 'node:fs';

// biome-ignore lint/suspicious/noExplicitAny: tests change single members of it
export type Stats = any;

export function fixture(name: 'cgroup-v1' | 'cgroup-v2' | 'not-running'): Stats {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'));
}
