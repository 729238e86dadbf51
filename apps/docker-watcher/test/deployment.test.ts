// What the service ships to be deployed, as far as it can be checked without images from elsewhere. The image itself
// is not built here; image.test.ts runs what would be in it.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parsePolicy } from '@audit/policy';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const folder = fileURLToPath(new URL('..', import.meta.url));
const read = (name: string) => readFileSync(`${folder}${name}`, 'utf8');
const works = (...command: [string, ...string[]]) => spawnSync(command[0], command.slice(1)).status === 0;

describe('audit.yaml', () => {
  test('is a policy, once its variables are set, and says where everything is', () => {
    const env = { AUDIT_ORIGIN: 'host.example/docker', AUDIT_MONITORING_ADDRESS: '0.0.0.0' };
    const { log, monitoring } = parsePolicy(read('audit.yaml'), { env });
    expect(log).toMatchObject({ origin: 'host.example/docker', directory: '/var/lib/docker-watcher/log' });
    expect(monitoring).toMatchObject({ address: '0.0.0.0', port: 9464 });
  });

  test('is refused where they are not', () => {
    expect(() => parsePolicy(read('audit.yaml'), { env: {} })).toThrow('AUDIT_ORIGIN, which is not set');
  });
});

describe('compose.yaml', () => {
  const { services } = parse(read('compose.yaml'));
  const service = services['docker-watcher'];

  test('takes everything away that is not needed', () => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(service.privileged).toBeUndefined();
    expect(service.user ?? 'of the image').not.toBe('root');
  });

  test('mounts the socket read-only, and nothing else of the host', () => {
    const host = (service.volumes as string[]).filter((volume) => volume.startsWith('/'));
    expect(host).toEqual(['/var/run/docker.sock:/var/run/docker.sock:ro']);
  });

  test('opens health and metrics to this machine only', () => {
    expect(service.ports).toEqual(['127.0.0.1:9464:9464']);
  });

  test('gives it more time to end than it needs to give up on a log', () => {
    expect(service.stop_grace_period).toBe('1m');
  });

  test.skipIf(!works('docker', 'compose', 'version'))(
    'is one to docker compose (skipped where that plugin is missing)',
    () => {
      const env = { ...process.env, AUDIT_ORIGIN: 'host.example/docker', DOCKER_GID: '999' };
      execFileSync('docker', ['compose', '--file', `${folder}compose.yaml`, 'config', '--quiet'], { env });
    },
  );
});

describe('docker-watcher.service', () => {
  const unit = read('docker-watcher.service');
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1];

  test.each([
    ['DynamicUser', 'yes'],
    ['NoNewPrivileges', 'yes'],
    ['ProtectSystem', 'strict'],
    ['ProtectHome', 'yes'],
    ['CapabilityBoundingSet', ''],
    ['SupplementaryGroups', 'docker'],
    ['StateDirectory', 'docker-watcher'],
    ['RestartPreventExitStatus', '2'],
  ])('says %s=%s', (key, expected) => {
    expect(value(key)).toBe(expected);
  });

  test('keeps the log where the policy has it', () => {
    const env = { AUDIT_ORIGIN: 'a', AUDIT_MONITORING_ADDRESS: '127.0.0.1' };
    const { log } = parsePolicy(read('audit.yaml'), { env });
    expect(log.directory?.startsWith(`/var/lib/${value('StateDirectory')}/`)).toBe(true);
  });

  test.skipIf(!works('systemd-analyze', '--version'))(
    'is one to systemd, and hardened by its measure (skipped where there is no systemd-analyze)',
    () => {
      const file = `${folder}docker-watcher.service`;
      const verified = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
      expect(verified).toMatchObject({ status: 0, stderr: '' });
      // Exposure from 0 (nothing) to 100; what is not needed but left is told with status 1.
      const limit = ['security', '--offline=true', '--threshold=20', file];
      const measured = spawnSync('systemd-analyze', limit, { encoding: 'utf8' });
      expect(measured.status, measured.stdout).toBe(0);
    },
  );
});

describe('Dockerfile', () => {
  const instructions = read('Dockerfile')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line));
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));

  test('ends in an image that runs as nobody in particular, from the built application', () => {
    expect(last).toContain('USER node');
    expect(last.at(-1)).toBe('ENTRYPOINT ["node", "/app/dist/main.js"]');
    expect(last.findIndex((line) => line.startsWith('RUN '))).toBe(-1);
  });

  test('sets every variable the policy needs but the name of the log', () => {
    const set = last.filter((line) => line.startsWith('ENV ')).join(' ');
    const needed = [...read('audit.yaml').matchAll(/^[^#]*\$\{(\w+)\}/gm)].map(([, name]) => name!);
    expect(needed.filter((name) => !set.includes(`${name}=`))).toEqual(['AUDIT_ORIGIN']);
  });

  test('uses the pnpm that package.json pins', () => {
    const { packageManager } = JSON.parse(readFileSync(`${folder}../../package.json`, 'utf8'));
    expect(read('Dockerfile')).toContain(`--package=${packageManager}`);
  });
});
