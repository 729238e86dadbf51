// Run as a process of its own: writes to a file what the program would take its outputs for.
import { writeFileSync } from 'node:fs';
import { processTerminal } from '../dist/terminal.js';

const { out, err, showsProgress } = processTerminal(true);
writeFileSync(process.argv[2], JSON.stringify({ showsProgress, out: out.isTerminal, err: err.isTerminal }));
