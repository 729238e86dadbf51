#!/usr/bin/env node
// The `audit` executable: runs the program on this process's arguments and sets the exit status.
import { runAudit } from './program.ts';

// The status is set, not exited with: what was written to a pipe must still arrive.
process.exitCode = await runAudit(process.argv.slice(2));
