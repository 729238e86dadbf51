// What every root npm script calls: `node scripts/run.mjs TASK [ARGUMENTS]`.
// Written in the syntax of old Node versions, so that they get the sentence below and no stack trace.

/** Lowest Node version, as `engines` in package.json says. */
const floor = [20, 19];

const version = process.versions.node.split('.').map(Number);
if (version[0] < floor[0] || (version[0] === floor[0] && version[1] < floor[1])) {
  console.error(`audit needs Node ${floor.join('.')} or newer; this is Node ${process.versions.node}.`);
  process.exitCode = 1;
} else {
  import('./tasks.mjs').then((tasks) => tasks.main(process.argv[2], process.argv.slice(3)));
}
