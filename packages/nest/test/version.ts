// Which NestJS a test runs over.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const from = process.env.AUDIT_TEST_NEST === '11' ? './nest-11/package.json' : '../package.json';
const manifest = createRequire(new URL(from, import.meta.url)).resolve('@nestjs/core/package.json');
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };

export const VERSION = `NestJS ${version}`;
export const MAJOR = Number(version.split('.')[0]);
