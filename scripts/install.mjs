// Makes a bare clone ready: the pinned pnpm through npx, then a frozen install; skipped while nothing it
// depends on has changed since the last one.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { outputOf, runQuietly } from './child.mjs';
import { packageFolders, readJson, root } from './workspace.mjs';

const stampFile = join(root, 'node_modules', '.audit-install.json');
const pnpmName = process.platform === 'win32' ? 'pnpm.cmd' : 'pnpm';

/**
 * Installs what is missing. Resolves with the environment for the tools: pnpm and the workspace's own binaries
 * come first on PATH, because turbo calls pnpm by its name.
 *
 * @throws Error where the install fails; its output has been shown
 */
export async function install() {
  const key = installKey();
  const stamp = readStamp();
  if (stamp?.key === key && isInstalled() && existsSync(stamp.pnpm)) return environment(stamp.pnpm);

  const pin = readJson('package.json').packageManager;
  process.stderr.write(`Installing dependencies with ${pin}; only the first run does …\n`);
  const pnpm = await locate(pin);
  if (pnpm === null) throw new Error(`npx could not provide ${pin}; is the npm registry reachable?`);
  const args = ['install', '--frozen-lockfile', '--config.confirm-modules-purge=false'];
  const status = await runQuietly('pnpm install', pnpm, args, { env: environment(pnpm) });
  if (status !== 0) throw new Error('The dependencies could not be installed; see above.');
  // Written last: an install that was interrupted has no stamp and is done again.
  writeFileSync(stampFile, `${JSON.stringify({ key, pnpm })}\n`);
  return environment(pnpm);
}

/** Changes whenever another install could give another result. */
function installKey() {
  const hash = createHash('sha256');
  const manifests = ['package.json', ...packageFolders().map((folder) => `${folder}/package.json`)];
  for (const path of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests]) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  const nodeMajor = process.versions.node.split('.')[0];
  return hash.update(`${nodeMajor} ${process.platform} ${process.arch}`).digest('hex');
}

/** False where somebody removed a `node_modules` by hand. */
function isInstalled() {
  return packageFolders().every((folder) => {
    const { dependencies, devDependencies } = readJson(`${folder}/package.json`);
    const needsSome = Object.keys({ ...dependencies, ...devDependencies }).length > 0;
    return !needsSome || existsSync(join(root, folder, 'node_modules'));
  });
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return null;
  }
}

/** The pinned pnpm's file. npx downloads it where needed and puts its folder on PATH. */
async function locate(pin) {
  const args = ['--yes', `--package=${pin}`, '--', 'node', '-p', 'process.env.PATH'];
  const path = await outputOf('npx', args);
  const folders = path?.trim().split(delimiter) ?? [];
  const folder = folders.find((entry) => existsSync(join(entry, pnpmName)));
  return folder === undefined ? null : join(folder, pnpmName);
}

function environment(pnpm) {
  const path = [dirname(pnpm), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  return { ...process.env, PATH: path, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
}
