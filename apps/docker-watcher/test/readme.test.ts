// What the README says is so: its command, its policy, its metrics, its files.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parsePolicy } from '@audit/policy';
import { afterEach, describe, expect, test } from 'vitest';
import { describeEngine, engineAddress } from '../../../packages/docker/test/support/engine.ts';
import { readExposition } from '../../../packages/policy/test/support/prometheus.ts';
import { expectIntact } from './support/log.ts';
import { Place } from './support/service.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));
const root = fileURLToPath(new URL('../../..', import.meta.url));
const readme = readFileSync(`${folder}README.md`, 'utf8');
const block = (language: string) => new RegExp(`\`\`\`${language}\n((?:.|\n)*?)\`\`\``).exec(readme)![1]!;

describe('README.md', () => {
  test('has a policy that is one', () => {
    const { docker, log } = parsePolicy(block('yaml'), { env: {} });
    expect(log.origin).toBe('host.example/docker');
    expect(docker.engines.map(({ name }) => name)).toEqual(['build', 'shop']);
  });

  test('names files that are there', () => {
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, path]) => path!);
    expect(links.length).toBeGreaterThan(5);
    for (const link of links.filter((path) => !path.startsWith('http'))) {
      expect(existsSync(`${folder}${link}`), link).toBe(true);
    }
  });
});

describeEngine('the command of README.md', () => {
  const place = new Place();
  afterEach(() => place.remove());

  test('is the service by the shipped policy, and its metrics are those of the table', async () => {
    const [, script, args] = /^npm run (\w+) -- (--\w+)/m.exec(block('sh'))!;
    const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
    expect(scripts[script!]).toBe('node scripts/run.mjs docker');

    // As scripts/tasks.mjs runs it, but for the port, which another may have.
    const shipped = readFileSync(`${root}config/audit.yaml`, 'utf8').replace('port: 9464', 'port: 0');
    place.write('shipped.yaml', shipped);
    const env = { AUDIT_CONFIG: 'shipped.yaml', DOCKER_HOST: engineAddress! };
    const service = place.run({ args: [args!], env });
    await service.readiness(200);
    const metrics = readExposition((await service.get('/metrics')).text);
    const named = [...readme.matchAll(/`((?:audit|process)_\w+)`/g)].map(([, name]) => name!);
    expect(named.sort()).toEqual([...metrics.keys()].sort());
    expect((await service.stop()).status).toBe(0);
    await expectIntact(place.path('audit-log'));
  });
});
