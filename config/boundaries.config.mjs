// The configuration of dependency-cruiser, made from the tables in boundaries.mjs. `npm run lint` runs it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import {
  appTable,
  coreForbidden,
  logContracts,
  packageTable,
  portableEntries,
  portableFolders,
  testTable,
} from './boundaries.mjs';

const builtins = `^(node:)?(${builtinModules.filter((name) => !name.startsWith('_')).join('|')})$`;

/** Patterns that match these files and no others. */
const exactly = (files) => files.map((file) => `^${file}$`);

/** Files other packages may import: the sources behind the `exports` of a package's package.json. */
function publicFiles(name) {
  const { exports } = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8'));
  return Object.values(exports).flatMap((entry) => entry['@audit/source'] ?? []);
}

/** Packages that are there; one without a row may import nothing and is named by the rule below. */
function present(folder) {
  return existsSync(folder)
    ? readdirSync(folder).filter((name) => existsSync(`${folder}/${name}/package.json`))
    : [];
}

const packages = present('packages');

/** One rule a row: nothing under packages/ but itself and what the row lists. */
function rowRules(folder, table) {
  return present(folder).flatMap((name) => {
    const row = table[name] ?? [];
    const tests = testTable[name];
    const rule = rowRule(`${folder}/${name}`, `${name}-imports-only-its-row`, row);
    if (tests === undefined) return [rule];
    const inTests = `^${folder}/${name}/test/`;
    const ofTests = rowRule(`${folder}/${name}`, `${name}-tests-import-only-their-row`, [...row, ...tests]);
    return [
      { ...rule, from: { ...rule.from, pathNot: inTests } },
      { ...ofTests, from: { path: inTests } },
    ];
  });
}

function rowRule(home, name, row) {
  const allowed = [home, ...row.map((other) => `packages/${other}`)];
  return {
    name,
    comment: `The tables in config/boundaries.mjs say what ${home} may import.`,
    severity: 'error',
    from: { path: `^${home}/` },
    to: { path: '^(packages|apps|bench)/', pathNot: `^(${allowed.join('|')})/` },
  };
}

/** Another package is imported by its name, so that only what it exports is reached; tests may share helpers. */
const deepImports = packages.map((name) => ({
  name: `no-deep-import-of-${name}`,
  comment: `Import @audit/${name} by its name; only its exports are for others.`,
  severity: 'error',
  from: { path: '^(packages|apps|bench)/', pathNot: `^packages/${name}/` },
  to: {
    path: `^packages/${name}/`,
    pathNot: [
      ...publicFiles(name).map((file) => `^packages/${name}/${file.slice(2)}$`),
      `^packages/${name}/test/`,
    ],
  },
}));

const coreFolders = Object.entries(coreForbidden).map(([folder, forbidden]) => ({
  name: `core-${folder}-keeps-its-place`,
  comment: `packages/core/src/${folder} must not import ${forbidden.join(', ')}.`,
  severity: 'error',
  from: { path: `^packages/core/src/${folder}/` },
  to: {
    path: `^packages/core/src/(${forbidden.join('|')})/`,
    ...(folder === 'store' && { pathNot: exactly(logContracts) }),
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...rowRules('packages', packageTable),
    ...rowRules('apps', appTable),
    ...deepImports,
    ...coreFolders,
    {
      name: 'portable-files-import-no-node',
      comment: 'This folder runs in browsers; what needs Node lives in a node-*.ts file.',
      severity: 'error',
      from: { path: `^packages/core/src/(${portableFolders.join('|')})/`, pathNot: '/node-[^/]+[.]ts$' },
      to: { path: builtins },
    },
    {
      name: 'portable-entries-reach-no-node',
      comment: 'Verification runs in browsers: nothing it imports, however far, may need Node.',
      severity: 'error',
      from: { path: exactly(portableEntries) },
      to: { path: builtins, reachable: true },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-undeclared-import',
      comment: 'Every import is declared in the package.json of the package that imports it.',
      severity: 'error',
      from: { path: '^((packages|apps)/[^/]+|bench)/src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], dependencyTypesNot: ['npm-peer'] },
    },
    {
      name: 'no-unresolved-import',
      comment: 'Child processes of tests import dist/, which is not there before the first build.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '/dist/' },
    },
    {
      name: 'no-tests-in-sources',
      severity: 'error',
      from: { path: '^((packages|apps)/[^/]+|bench)/src/' },
      to: { path: '^((packages|apps)/[^/]+|bench)/test/' },
    },
  ],
  options: {
    exclude: { path: '^((packages|apps)/[^/]+|bench)/dist/' },
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@audit/source', 'types', 'node', 'import', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.d.ts'],
    },
  },
};
