// The public surface: the command line as a function. What it does is the library's; scripts use @audit/core.
export { EXIT_INTACT, EXIT_TAMPERED, EXIT_UNCHECKED } from './exit.ts';
export { runAudit } from './program.ts';
