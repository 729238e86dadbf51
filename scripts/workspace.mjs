// Where things are: the root and the packages that pnpm-workspace.yaml lists. Imports node built-ins only.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Parsed JSON of a file under the root. */
export function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}

/**
 * Folders of all workspace packages, relative to the root. The list is read by hand (one `- pattern` a line,
 * `folder` or `folder/*`), since no YAML parser is there before the first install.
 */
export function packageFolders() {
  const lines = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8').split('\n');
  const patterns = [];
  for (const line of lines.slice(lines.indexOf('packages:') + 1)) {
    if (!line.startsWith('  - ')) break;
    patterns.push(line.slice(4).trim());
  }
  const folders = patterns.flatMap((pattern) =>
    pattern.endsWith('/*')
      ? readdirSync(join(root, pattern.slice(0, -2))).map((name) => `${pattern.slice(0, -1)}${name}`)
      : [pattern],
  );
  return folders.filter((folder) => existsSync(join(root, folder, 'package.json'))).sort();
}
