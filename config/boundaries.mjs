// Who may import whom. The first table repeats the rows of the architecture's *Packages* table, the second is the
// order of core's folders; boundaries.config.mjs turns both into rules of dependency-cruiser.

/** Every adapter: what the demo shows. */
const adapters = ['express', 'nest', 'winston-transport', 'docker'];

/** Workspace package (folder under packages/) → workspace packages it may import, besides itself. */
export const packageTable = {
  core: [],
  policy: ['core'],
  http: ['core'],
  express: ['core', 'http'],
  nest: ['core', 'http'],
  'winston-transport': ['core'],
  docker: ['core'],
  agent: ['core'],
  query: ['core'],
  viewer: ['core', 'query'],
  postgres: ['core'],
  nats: ['core'],
  witness: ['core'],
  cli: ['core', 'policy', 'query', 'viewer', 'postgres', 'nats'],
};

/** What only the tests of a package may import besides: others of the family that it is shown together with. */
export const testTable = {
  agent: ['policy'],
  nest: ['winston-transport'],
};

/** The same for the folders under apps/. */
export const appTable = {
  'docker-watcher': ['core', 'docker', 'policy'],
  demo: ['core', ...adapters, 'policy', 'agent', 'viewer'],
};

/**
 * Folder of core → folders of core it must not import, beyond the contracts below. Verification is apart from writing: it reads a log through
 * its own interface and never sees the writer or a store.
 */
export const coreForbidden = {
  event: ['note', 'log', 'store', 'verify', 'testing'],
  privacy: ['note', 'log', 'store', 'verify', 'testing'],
  merkle: ['event', 'privacy', 'note', 'log', 'store', 'verify', 'testing'],
  note: ['event', 'privacy', 'log', 'store', 'verify', 'testing'],
  verify: ['log', 'store', 'testing'],
  store: ['log', 'testing'],
  spool: ['note', 'log', 'verify', 'testing'],
  log: ['testing'],
};

/** Types and documented defaults of the log that stores may know. */
export const logContracts = ['packages/core/src/log/options.ts', 'packages/core/src/log/types.ts'];

/** Parts of core that run in a browser: no `node:` import in the file itself (`node-*.ts` are the exceptions). */
export const portableFolders = ['event', 'privacy', 'merkle', 'verify'];
/** Entry points from which no `node:` import may be reached at all. */
export const portableEntries = ['packages/core/src/verify/index.ts'];
