// The pinned pnpm, as scripts/install.mjs found it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './repository.ts';

export function pnpm(): string {
  const stamp = readFileSync(join(root, 'node_modules', '.audit-install.json'), 'utf8');
  return (JSON.parse(stamp) as { pnpm: string }).pnpm;
}
