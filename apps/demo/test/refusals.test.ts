// What can stop the demo before it starts: each is one sentence on stderr and status 1, without a stack trace.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Demo, type Ended, newFolder, runDemo } from './support/demo.ts';

function expectOneSentence({ status, stderr }: Ended): void {
  expect(status).toBe(1);
  expect(stderr).toMatch(/^[^\n]+\.\n$/);
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
}

describe('the demo refuses to start', () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('where the port is in use, and writes nothing', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const ended = await new Demo(folder, '--once', '--port', String(port)).ended;
    server.close();
    expectOneSentence(ended);
    expect(ended.stderr).toContain(`Port ${port} is in use`);
    expect(existsSync(join(folder, 'audit-log'))).toBe(false);
  });

  test("where the warehouse's port is in use, and writes nothing", async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const ended = await runDemo(folder, '--once', '--warehouse-port', String(port));
    server.close();
    expectOneSentence(ended);
    expect(ended.stderr).toContain(
      `Port ${port} is in use: choose another with npm start -- --warehouse-port`,
    );
    expect(existsSync(join(folder, 'audit-log'))).toBe(false);
  });

  test('where a file is in the way of the directory', async () => {
    writeFileSync(join(folder, 'file'), '');
    const directory = join(folder, 'file', 'log');
    const ended = await runDemo(folder, '--once', '--directory', directory);
    expectOneSentence(ended);
    expect(ended.stderr).toContain(directory);
  });

  test('where another demo writes the same log', async () => {
    const first = new Demo(folder, '--port', '0');
    await first.saw(/stays open/);
    const ended = await runDemo(folder, '--once');
    first.signal('SIGTERM');
    await first.ended;
    expectOneSentence(ended);
  });

  test.each(['--port', '--warehouse-port'])('where %s is none', async (option) => {
    const ended = await new Demo(folder, option, 'eighty').ended;
    expectOneSentence(ended);
    expect(ended.stderr).toContain('"eighty" is not a port');
  });

  test('where an option is unknown', async () => {
    const ended = await new Demo(folder, '--twice').ended;
    expectOneSentence(ended);
    expect(ended.stderr).toContain('--twice');
  });
});
