// The service on engines that do what the test wants: go away, come back, speak TLS, and lie about names.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { valueIn } from '../../../packages/policy/test/support/prometheus.ts';
import { entriesOf, expectIntact, recorded } from './support/log.ts';
import { MEMORY_LIMIT, ScriptedEngine } from './support/scripted-engine.ts';
import { Place, type Service } from './support/service.ts';
import { certificate, certificates, mutualTls, serverTls } from './support/tls.ts';

const ID = 'c'.repeat(64);

describe('the watcher', () => {
  let place: Place;
  const engines: ScriptedEngine[] = [];
  const services: Service[] = [];
  beforeEach(() => {
    place = new Place();
  });
  afterEach(async () => {
    for (const service of services.splice(0)) {
      service.child.kill('SIGKILL');
      await service.ended;
    }
    for (const engine of engines.splice(0)) await engine.close();
    place.remove();
  });

  async function listen(...target: Parameters<typeof ScriptedEngine.listen>): Promise<ScriptedEngine> {
    const engine = await ScriptedEngine.listen(...target);
    engines.push(engine);
    return engine;
  }

  function run(...options: Parameters<Place['run']>): Service {
    const service = place.run(...options);
    services.push(service);
    return service;
  }

  const policyOf = (named: Readonly<Record<string, unknown>>, more = {}) =>
    place.policy({ integrations: { docker: { engines: named, retryMax: '250ms', ...more } } });

  test('says that an engine is away, and watches it again when it is back', async () => {
    const socket = place.path('docker.sock');
    const engine = await listen(socket);
    policyOf({ one: { host: `unix://${socket}` } });
    const service = run();
    await service.readiness(200);

    await engine.close();
    engines.splice(0);
    expect(await service.readiness(503)).toMatch(/^log: ok\nengine one \(unix:\S+\): not connected: .+\n$/);
    expect((await service.get('/healthz')).status).toBe(200);
    expect(valueIn((await service.get('/metrics')).text, 'audit_docker_connected', { engine: 'one' })).toBe(
      0,
    );
    await service.told(/Engine one \(\S+\) is away: /);

    const again = await listen(socket);
    again.add({ id: ID, name: 'made-meanwhile' });
    await service.readiness(200);
    await service.told(/Engine one .* is connected again and watched\./);
    const { text } = await service.get('/metrics');
    expect(valueIn(text, 'audit_docker_reconnects_total', { engine: 'one' })).toBeGreaterThanOrEqual(1);
    // No message told of it: that it is there is compared twice.
    await recorded(place.log, 'made-meanwhile');
    const { status, stderr } = await service.stop();
    expect(status).toBe(0);
    // Told once, however often it tried.
    expect(stderr.match(/is away/g)).toHaveLength(1);
    await expectIntact(place.log);
  });

  test('watches several engines; one that is away at the start is told, and watched when it comes', async () => {
    const [a, b] = [place.path('a.sock'), place.path('b.sock')];
    const first = await listen(a);
    first.add({ id: ID, name: 'web' });
    policyOf({ a: { host: `unix://${a}` }, b: { host: `unix://${b}` } });
    const service = run({ args: ['--print'] });
    await service.told(/There is no engine at unix:\S+b\.sock: .* It is watched as soon as it answers\./);
    const said = await service.readiness(503, /engine a .*: ok/);
    expect(said).toMatch(/engine b \(\S+\): not connected: /);

    const second = await listen(b);
    second.add({ id: 'd'.repeat(64), name: 'db' });
    await service.readiness(200);
    first.sayOf(ID, 'pause');
    second.sayOf('d'.repeat(64), 'pause');
    await service.printed(/container\.pause +success {2}a pause: container web\n/);
    await service.printed(/container\.pause +success {2}b pause: container db\n/);
    const { text } = await service.get('/metrics');
    for (const engine of ['a', 'b']) {
      expect(valueIn(text, 'audit_docker_entries_total', { engine, type: 'container.pause' })).toBe(1);
    }
    await service.stop();
    await expectIntact(place.log);
  });

  test('counts a violated limit, and says in its entry what was done about it', async () => {
    const socket = place.path('docker.sock');
    const engine = await listen(socket);
    engine.add({ id: ID, name: 'hungry', usage: () => ({ memory: MEMORY_LIMIT * 0.95 }) });
    const limits = { sustained: '0ms', sampleInterval: '100ms', memory: '90% pause' };
    policyOf({ one: { host: `unix://${socket}` } }, { limits });
    const service = run({ args: ['--print'] });
    await service.printed(
      /resource\.violation +failure {2}one memory limit: container hungry resource=memory phase=opened/,
    );
    await engine.wasAsked(/POST \/containers\/\w+\/pause/);
    await service.printed(/resource\.violation .* action=paused/);
    const { text } = await service.get('/metrics');
    expect(valueIn(text, 'audit_docker_violations_total', { engine: 'one', resource: 'memory' })).toBe(1);
    expect(valueIn(text, 'audit_docker_open_violations', { engine: 'one' })).toBe(1);
    expect(valueIn(text, 'audit_docker_actions_total', { engine: 'one' })).toBe(1);
    expect(valueIn(text, 'audit_docker_failed_actions_total', { engine: 'one' })).toBe(0);
    expect(valueIn(text, 'audit_docker_samples_total', { engine: 'one' })).toBeGreaterThan(0);
    await service.stop();
    await expectIntact(place.log);
  });

  test('shows what a hostile name hides, and lets nothing of it act on a terminal', async () => {
    const socket = place.path('docker.sock');
    const engine = await listen(socket);
    engine.add({ id: ID, name: '\u001b[2J\u202eevil\n     9 00:00:00 info forged' });
    policyOf({ one: { host: `unix://${socket}` } });
    const service = run({ args: ['--print'] });
    await service.readiness(200);
    engine.sayOf(ID, 'pause');
    await service.printed(/container\.pause/);
    const { stdout, stderr } = await service.stop();
    expect(stdout).toContain('\\u{1b}[2J\\u{202e}evil\\u{a}');
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(stdout).not.toMatch(/^ +9 00:00:00 info forged/m);
    await expectIntact(place.log);
  });

  test('a second signal ends it at once; the log goes on at the next start', async () => {
    const socket = place.path('docker.sock');
    await listen(socket);
    policyOf({ one: { host: `unix://${socket}` } });
    const service = run();
    await service.readiness(200);
    service.child.kill('SIGTERM');
    service.child.kill('SIGINT');
    const { status } = await service.ended;
    // Which of two signals is delivered first is the kernel's choice.
    expect([128 + 2, 128 + 15]).toContain(status);

    const next = run();
    await next.readiness(200);
    expect((await next.stop()).status).toBe(0);
    expect(entriesOf(place.log).map(({ type }) => type)).toContain('log.recover');
    await expectIntact(place.log);
  });

  test('ends as it should when nobody reads its entries any more', async () => {
    const socket = place.path('docker.sock');
    const engine = await listen(socket);
    engine.add({ id: ID, name: 'web' });
    policyOf({ one: { host: `unix://${socket}` } });
    const service = run({ args: ['--print'] });
    await service.readiness(200);
    service.child.stdout?.destroy();
    engine.sayOf(ID, 'pause');
    const { status, stderr } = await service.ended;
    expect(status).toBe(0);
    expect(stderr).toMatch(/Stopped; the log has \d+ entries\.\n$/);
    expect(entriesOf(place.log).at(-1)?.type).toBe('log.close');
    await expectIntact(place.log);
  });

  test('ends with a status when its log takes nothing any more, so that it is started again', async () => {
    const socket = place.path('docker.sock');
    const engine = await listen(socket);
    engine.add({ id: ID, name: 'web' });
    policyOf({ one: { host: `unix://${socket}` } });
    const service = run();
    await service.readiness(200);
    // Another writer, as it looks to this one: the slots of the log are not what it wrote last.
    const commit = join(place.log, 'commit');
    const slots = readFileSync(commit);
    writeFileSync(commit, new Uint8Array(slots.length));
    engine.sayOf(ID, 'pause');
    const { status, stderr } = await service.ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/The log: .+/);
    expect(stderr).not.toMatch(/\n\s+at /);

    writeFileSync(commit, slots);
    const next = run({ args: ['--print'] });
    await next.printed(/container\.pause +success {2}one pause: container web/);
    expect((await next.stop()).status).toBe(0);
    await expectIntact(place.log);
  });

  test('answers for its health, and to nothing else', async () => {
    const socket = place.path('docker.sock');
    await listen(socket);
    policyOf({ one: { host: `unix://${socket}` } });
    const service = run();
    await service.readiness(200);
    expect(await service.get('/healthz')).toEqual({ status: 200, text: '{\n  "status": "ok"\n}\n' });
    expect(await service.get('/readyz?verbose')).toMatchObject({ status: 200 });
    expect(await service.get('/')).toEqual({
      status: 404,
      text: 'There are /healthz, /readyz and /metrics.\n',
    });
    const url = await service.url();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const posted = await fetch(`${url}/metrics`, { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    await service.stop();
    await expectIntact(place.log);
  });

  describe('over TLS', () => {
    const tls = { ca: certificate('ca'), cert: certificate('cert'), key: certificate('key') };

    test('shows its certificate to an engine of the policy', async () => {
      const engine = await listen(undefined, mutualTls);
      policyOf({ one: { host: `tcp://127.0.0.1:${engine.port}`, ...tls } });
      const service = run();
      expect(await service.readiness(200)).toContain(`engine one (https://127.0.0.1:${engine.port}): ok`);
      await service.stop();
      await expectIntact(place.log);
    });

    test('does what DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH say', async () => {
      const engine = await listen(undefined, mutualTls);
      place.policy();
      const service = run({
        env: {
          DOCKER_HOST: `tcp://127.0.0.1:${engine.port}`,
          DOCKER_TLS_VERIFY: '1',
          DOCKER_CERT_PATH: certificates,
        },
      });
      // Without a name in the policy, an engine is called as it calls its host.
      expect(await service.readiness(200)).toContain(
        `engine scripted-host (https://127.0.0.1:${engine.port}): ok`,
      );
      await service.stop();
      await expectIntact(place.log);
    });

    test('refuses an engine that shows a certificate of somebody else', async () => {
      const engine = await listen(undefined, serverTls);
      policyOf({ one: { host: `https://127.0.0.1:${engine.port}`, ca: certificate('other-ca') } });
      const { status, stderr } = await run().ended;
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /^The certificate of https:\S+ is not accepted \(.+\): give the authority that signed it as ca\.\n$/,
      );
      expect(engine.requests).toEqual([]);
    });

    test('is told in a sentence where the engine does not take its certificate', async () => {
      const engine = await listen(undefined, mutualTls);
      const other = { ca: certificate('ca'), cert: certificate('other'), key: certificate('other-key') };
      policyOf({ one: { host: `tcp://127.0.0.1:${engine.port}`, ...other } });
      const { status, stderr } = await run().ended;
      expect(status).toBe(1);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stderr).toContain(`https://127.0.0.1:${engine.port}`);
      expect(engine.requests).toEqual([]);
    });
  });

  test('an engine of the policy has nothing to do with DOCKER_HOST', async () => {
    const socket = place.path('docker.sock');
    const engine = await listen(socket);
    const other = await listen();
    policyOf({ one: { host: `unix://${socket}` } });
    const service = run({
      env: { DOCKER_HOST: `tcp://127.0.0.1:${other.port}`, DOCKER_CLIENT_TIMEOUT: '50' },
    });
    await service.readiness(200);
    await service.stop();
    expect(engine.asked(/events/)).toBeGreaterThan(0);
    expect(other.requests).toEqual([]);
    await expectIntact(place.log);
    rmSync(socket, { force: true });
  });
});
