// The public surface of each published package as text in git: one report an entry point, in the package's `etc/`,
// made by API Extractor from the built declarations.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { packageFolders, readJson, root } from './workspace.mjs';

const settings = readJson('config/api-extractor.json');
/** Exported for siblings only, and free to change. */
const FAMILY_ONLY = './internal';
/** Absolute folders of the packages users install. */
export function publishedFolders() {
  return packageFolders()
    .filter((folder) => !readJson(`${folder}/package.json`).private)
    .map((folder) => join(root, folder));
}

/** `{name, folder, types, report}` of all that users of the package in `folder` may import. */
export function entryPoints(folder) {
  const { name, exports } = manifestOf(folder);
  const own = name.slice(name.indexOf('/') + 1);
  return Object.entries(exports)
    .filter(([path, entry]) => path !== FAMILY_ONLY && entry.types !== undefined)
    .map(([path, { types }]) => ({
      name: name + path.slice(1),
      folder,
      types: join(folder, types),
      report: join(folder, 'etc', `${own}${path.slice(1).replaceAll('/', '-')}.api.md`),
    }));
}

/**
 * Compares the reports with the built packages in `folders`, or writes them where `write` is set. Gives back one
 * sentence for each thing that is wrong; none means that all is well.
 *
 * One compiler serves all entry points: reading the declarations is nearly all of the time this takes.
 */
export function reviewReports(folders, { write = false } = {}) {
  const entries = folders.flatMap(entryPoints);
  const unbuilt = entries.filter(({ types }) => !existsSync(types));
  if (unbuilt.length > 0) return unbuilt.map(({ name }) => `${name} is not built; run \`npm run build\`.`);

  const temporary = mkdtempSync(join(tmpdir(), 'audit-api-'));
  try {
    const configured = entries.map((entry) => ({ ...entry, config: configOf(entry, temporary) }));
    const additionalEntryPoints = entries.map(({ types }) => types);
    const compilerState = CompilerState.create(configured[0].config, { additionalEntryPoints });
    const reviews = configured.map((entry) => {
      const siblings = entries.filter(({ folder }) => folder === entry.folder);
      const exported = siblings.flatMap(({ types }) => exportedNames(compilerState.program, types));
      return reviewEntry(entry, compilerState, new Set(exported), write);
    });
    const changed = reviews.filter((review) => review.changed).map(({ report }) => report);
    const orphans = folders
      .flatMap(reportsIn)
      .filter((path) => entries.every(({ report }) => report !== path));
    if (write) for (const path of orphans) rmSync(path);
    const outdated = write ? [] : [...changed, ...orphans].map(outdatedSentence);
    return [...reviews.flatMap(({ problems }) => problems), ...outdated];
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** `known` are the names users get from any entry point of this package: a type among them is not forgotten. */
function reviewEntry({ name, folder, report, config }, compilerState, known, write) {
  if (write) mkdirSync(join(folder, 'etc'), { recursive: true });
  const problems = [];
  const { apiReportChanged: changed } = Extractor.invoke(config, {
    compilerState,
    localBuild: write,
    messageCallback(message) {
      message.handled = true;
      if (message.category === 'console' || message.logLevel !== 'error') return;
      const forgotten = /^The symbol "(.+)" needs to be exported/.exec(message.text)?.[1];
      if (forgotten === undefined) problems.push(`${name}: ${message.text} (${message.messageId})`);
      else if (!known.has(forgotten)) problems.push(forgottenSentence(name, forgotten));
    },
  });
  return { report, changed, problems };
}

function configOf({ folder, types, report }, temporary) {
  return ExtractorConfig.prepare({
    configObject: {
      ...settings,
      projectFolder: folder,
      mainEntryPointFilePath: types,
      compiler: { overrideTsconfig: { extends: join(root, 'tsconfig.base.json'), files: [types] } },
      apiReport: {
        enabled: true,
        reportFileName: basename(report),
        reportFolder: join(folder, 'etc'),
        reportTempFolder: temporary,
      },
    },
    configObjectFullPath: undefined,
    packageJson: manifestOf(folder),
    packageJsonFullPath: join(folder, 'package.json'),
  });
}

function exportedNames(program, types) {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(types));
  return module === undefined ? [] : checker.getExportsOfModule(module).map((symbol) => symbol.name);
}

function forgottenSentence(name, type) {
  return `${name} speaks of ${type}, which users cannot import: export it from the package's index.ts.`;
}

function outdatedSentence(report) {
  return `${relative(root, report)} is out of date: run \`npm run api\`, read what changed for users, and commit it.`;
}

function reportsIn(folder) {
  const etc = join(folder, 'etc');
  if (!existsSync(etc)) return [];
  return readdirSync(etc)
    .filter((file) => file.endsWith('.api.md'))
    .map((file) => join(etc, file));
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
