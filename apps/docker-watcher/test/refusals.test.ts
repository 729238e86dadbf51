// What can be wrong at the start: each is one sentence on standard error and a status, without a stack trace, and
// nothing is written.
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { openAuditLog } from '@audit/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ended, Place, type RunOptions } from './support/service.ts';

/** Answers each request so. */
function answering(status: number, body: string, address: string | number): Promise<Server> {
  const server = createServer((_request, response) => response.writeHead(status).end(body));
  return new Promise((resolve) => server.listen(address as number, () => resolve(server)));
}

describe('the watcher refuses to start', () => {
  let place: Place;
  const servers: { close(): unknown }[] = [];
  beforeEach(() => {
    place = new Place();
    place.policy();
  });
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
    place.remove();
  });

  async function refused(status: number, options: RunOptions = {}): Promise<string> {
    const ended: Ended = await place.run(options).ended;
    expect(ended.stderr).not.toMatch(/\n\s+at /);
    expect(ended).toMatchObject({ status, stdout: '' });
    expect(existsSync(place.log)).toBe(false);
    return ended.stderr;
  }

  const engineAt = (host: string, more = {}) =>
    place.policy({ integrations: { docker: { engines: { one: { host, ...more } } } } });

  test('where there is no engine', async () => {
    const socket = place.path('docker.sock');
    engineAt(`unix://${socket}`);
    expect(await refused(1)).toBe(
      `There is no engine at unix://${socket}: start it, or name its socket by DOCKER_HOST or integrations.docker.engines.\n`,
    );
  });

  test('where the environment names an engine that is none', async () => {
    const socket = place.path('other.sock');
    expect(await refused(1, { env: { DOCKER_HOST: `unix://${socket}` } })).toContain(
      `There is no engine at unix://${socket}`,
    );
    expect(await refused(2, { env: { DOCKER_HOST: 'ssh://host' } })).toBe(
      'DOCKER_HOST is "ssh://host", which is no address that can be watched: give unix:///path or tcp://host:port.\n',
    );
  });

  test('where the environment names certificates that are not there', async () => {
    const env = { DOCKER_HOST: 'tcp://127.0.0.1:1', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/nowhere' };
    expect(await refused(2, { env })).toBe('The certificate file /nowhere/ca.pem cannot be read (ENOENT).\n');
  });

  test('where nobody listens on the socket any more', async () => {
    const socket = place.path('docker.sock');
    const server = await answering(200, 'OK', socket);
    // A socket file whose process was killed: closing would remove it.
    const left = place.path('left.sock');
    const { renameSync } = await import('node:fs');
    renameSync(socket, left);
    server.close();
    engineAt(`unix://${left}`);
    expect(await refused(1)).toBe(`No engine listens at unix://${left}: start it.\n`);
  });

  test('where there is no permission on the socket', async () => {
    const socket = place.path('docker.sock');
    servers.push(await answering(200, 'OK', socket));
    chmodSync(socket, 0);
    engineAt(`unix://${socket}`);
    // root may open everything, unless that right is taken away.
    const root = process.getuid?.() === 0;
    const under = root ? ['setpriv', '--bounding-set=-dac_override', '--inh-caps=-dac_override'] : [];
    expect(await refused(1, { under })).toMatch(
      /^There is no permission on unix:\/\/\S+: run as a user of the socket's group \(usually docker\), \S+ is not\.\n$/,
    );
  });

  test('where something else answers', async () => {
    const server = await answering(404, 'Not here', 0);
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    engineAt(`tcp://127.0.0.1:${port}`);
    expect(await refused(1)).toBe(
      `http://127.0.0.1:${port} answers with status 404: is that a Docker engine?\n`,
    );
  });

  test('where the engine hangs up', async () => {
    const server = createSocketServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    engineAt(`tcp://127.0.0.1:${port}`);
    expect(await refused(1)).toMatch(
      /ended the connection \(.+\): does it expect TLS, or a certificate\?\n$/,
    );
  });

  test('where a certificate of the policy cannot be read', async () => {
    engineAt('tcp://127.0.0.1:1', { ca: 'nowhere.pem' });
    expect(await refused(2)).toBe('The certificate file nowhere.pem cannot be read (ENOENT).\n');
  });

  test('where all engines are away, naming each', async () => {
    place.policy({
      integrations: {
        docker: { engines: { a: { host: 'unix:///nowhere/a' }, b: { host: 'unix:///nowhere/b' } } },
      },
    });
    const said = await refused(1);
    expect(said).toContain('There is no engine at unix:///nowhere/a');
    expect(said).toContain('There is no engine at unix:///nowhere/b');
  });

  test('where the policy is wrong, with every problem and its place', async () => {
    writeFileSync(place.path('audit.yaml'), 'lgo: {}\nmonitoring:\n  port: many\n');
    expect(await refused(2)).toBe(
      'audit.yaml:1:1: lgo is no key; did you mean log?\n' +
        'audit.yaml:3:9: monitoring.port must be a whole number from 0 to 65535; it is "many"\n',
    );
  });

  test('where the policy is not there', async () => {
    expect(await refused(2, { args: ['--config', 'none.yaml'] })).toBe(
      'The policy none.yaml cannot be read: there is no such file.\n',
    );
    expect(await refused(2, { env: { AUDIT_CONFIG: '' } })).toBe(
      'The policy config/audit.yaml cannot be read: there is no such file.\n',
    );
  });

  test('where an option is unknown', async () => {
    expect(await refused(2, { args: ['--verbose'] })).toMatch(/^Unknown option '--verbose'.*see --help\.\n$/);
  });

  describe('though its engine answers', () => {
    beforeEach(async () => {
      const socket = place.path('docker.sock');
      servers.push(await answering(200, 'OK', socket));
      engineAt(`unix://${socket}`);
    });
    const engines = () => ({ docker: { engines: { one: { host: `unix://${place.path('docker.sock')}` } } } });

    test('where its port is taken', async () => {
      const server = await answering(200, '', 0);
      servers.push(server);
      const { port } = server.address() as AddressInfo;
      const taken = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => taken.once('listening', resolve));
      servers.push(taken);
      place.policy({
        integrations: engines(),
        monitoring: { port: (taken.address() as AddressInfo).port },
      });
      expect(port).toBeGreaterThan(0);
      expect(await refused(1)).toMatch(
        /^Something else listens on 127\.0\.0\.1, port \d+: give another monitoring\.port\.\n$/,
      );
    });

    test('where its address is none of this machine', async () => {
      place.policy({ integrations: engines(), monitoring: { address: '192.0.2.1', port: 0 } });
      expect(await refused(1)).toBe(
        '192.0.2.1 is no address of this machine: give another monitoring.address.\n',
      );
    });

    test('where a new log has no name', async () => {
      place.policy({ integrations: engines(), log: {} });
      expect(await refused(2)).toMatch(/^audit\.yaml: the log cannot be opened: .*origin/);
    });

    test('where the folder of the log is missing', async () => {
      place.policy({ integrations: engines(), storage: { directory: 'no/such/folder/log' } });
      expect(await refused(1)).toContain('no/such/folder');
    });

    test('where another process writes the log', async () => {
      const log = await openAuditLog({
        directory: place.path('busy'),
        origin: 'watcher.example/docker',
        onKeyCreated: () => {},
      });
      place.policy({
        integrations: engines(),
        storage: { directory: 'busy' },
        performance: { lockTimeout: '0ms' },
      });
      expect(await refused(1)).toContain(`is being written by`);
      expect((await log.verify()).verdict).toBe('intact');
      await log.close();
    });

    test('where the log has another name', async () => {
      const log = await openAuditLog({
        directory: place.path('other'),
        origin: 'other.example/docker',
        onKeyCreated: () => {},
      });
      await log.close();
      place.policy({ integrations: engines(), storage: { directory: 'other' } });
      expect(await refused(2)).toContain('other.example/docker');
    });
  });

  test('says how it is called', async () => {
    const ended = await place.run({ args: ['--help'] }).ended;
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(ended.stdout).toContain('--print');
    mkdirSync(place.log); // nothing was written
  });
});
