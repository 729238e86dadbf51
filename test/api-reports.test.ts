// The API reports in packages/*/etc: those in git are of what is built here, and a change of the surface is seen.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { entryPoints, publishedFolders, reviewReports } from '../scripts/api-reports.mjs';

describe('the API reports in git', () => {
  test('are those of the packages as built', () => {
    const problems = reviewReports(publishedFolders());
    if (problems.length > 0) throw new Error(problems.join('\n'));
  });

  test('cover every entry point users may import, and none that is for siblings', () => {
    const names = publishedFolders().flatMap((folder) => entryPoints(folder).map(({ name }) => name));
    expect(names.sort()).toEqual([
      '@audit/agent',
      '@audit/cli',
      '@audit/core',
      '@audit/core/testing',
      '@audit/core/verify',
      '@audit/docker',
      '@audit/express',
      '@audit/http',
      '@audit/nest',
      '@audit/policy',
      '@audit/winston-transport',
    ]);
  });
});

describe('a package whose surface changes', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'audit-api-test-'));
  const folder = join(temporary, 'shop');
  const declarations = join(folder, 'dist/index.d.ts');
  const report = join(folder, 'etc/shop.api.md');
  const outdated = (file: string) =>
    expect.stringMatching(new RegExp(`${file} is out of date: run .npm run api.`));

  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, 'dist'), { recursive: true });
    const types = (name: string) => ({ types: `./dist/${name}.d.ts` });
    const exports = { '.': types('index'), './testing': types('testing'), './internal': types('internal') };
    const manifest = { name: '@shop/shop', version: '1.0.0', exports };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'dist/order.d.ts'), 'export interface Order { readonly id: string }\n');
    writeFileSync(
      declarations,
      "export type { Order } from './order.js';\nexport declare function order(id: string): void;\n",
    );
    writeFileSync(
      join(folder, 'dist/testing.d.ts'),
      "import type { Order } from './order.js';\nexport declare function testOrder(): Order;\n",
    );
    writeFileSync(join(folder, 'dist/internal.d.ts'), 'export declare const secret: string;\n');
    expect(reviewReports([folder], { write: true })).toEqual([]);
    expect(reviewReports([folder])).toEqual([]);
  });
  afterAll(() => rmSync(temporary, { recursive: true, force: true }));

  /** Replaces a text that must be there. */
  function change(from: string, to: string): void {
    const text = readFileSync(declarations, 'utf8');
    expect(text).toContain(from);
    writeFileSync(declarations, text.replace(from, to));
  }

  test('has a report for each entry point but ./internal', () => {
    expect(readdirSync(join(folder, 'etc')).sort()).toEqual(['shop-testing.api.md', 'shop.api.md']);
    expect(readFileSync(report, 'utf8')).toContain('export function order(id: string): void;');
  });

  test.each([
    ['an added export', 'export declare', 'export declare const planted: number;\nexport declare'],
    ['a removed export', 'export declare function order(id: string): void;', ''],
    ['a changed parameter', 'id: string', 'id: number'],
    ['a parameter that became optional', 'id: string', 'id?: string'],
  ])('is told of %s in one sentence, until the report is renewed', (_what, from, to) => {
    change(from, to);
    const before = readFileSync(report, 'utf8');
    expect(reviewReports([folder])).toEqual([outdated('shop.api.md')]);
    expect(readFileSync(report, 'utf8')).toBe(before);

    expect(reviewReports([folder], { write: true })).toEqual([]);
    expect(reviewReports([folder])).toEqual([]);
    expect(readFileSync(report, 'utf8')).not.toBe(before);
  });

  test('is told of a report that is missing, and of one that no entry point has', () => {
    cpSync(report, join(folder, 'etc/shop-old.api.md'));
    rmSync(report);
    expect(reviewReports([folder])).toEqual([outdated('shop.api.md'), outdated('shop-old.api.md')]);
    reviewReports([folder], { write: true });
    expect(readdirSync(join(folder, 'etc')).sort()).toEqual(['shop-testing.api.md', 'shop.api.md']);
  });

  test('is told of a type that its users meet and cannot import', () => {
    change("export type { Order } from './order.js';", '');
    const sentence = '@shop/shop/testing speaks of Order, which users cannot import';
    expect(reviewReports([folder])).toContainEqual(expect.stringContaining(sentence));
  });
});
