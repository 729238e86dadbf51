// After the tour the shop stays open, tells each entry as it is written, and closes cleanly on a signal.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseVerifierKey, verifyDirectory } from '@audit/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Demo, newFolder } from './support/demo.ts';

describe('the demo stays open', () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test.each(['SIGINT', 'SIGTERM'] as const)('until %s closes the log behind it', async (signal) => {
    const demo = new Demo(folder, '--port', '0');
    const [, url, vkey] = await demo.saw(/on (http:\S+).*VKEY=(\S+).*stays open/s);
    await fetch(`${url}/products/p1`);
    await demo.saw(/stays open.*http\.request +success +GET \/products\/:id/s);
    demo.signal(signal);
    const { status, stdout, stderr } = await demo.ended;
    expect(stderr).toBe('');
    expect(status).toBe(0);

    const report = await verifyDirectory(join(folder, 'audit-log'), { keys: [parseVerifierKey(vkey!)] });
    expect(report).toMatchObject({ verdict: 'intact', findings: [] });
    expect(stdout).toContain(`Closed, with ${report.size} entries`);
  });

  test('a request under way when it closes is ended, and in the log as failed', async () => {
    const demo = new Demo(folder, '--port', '0');
    const [, url] = await demo.saw(/on (http:\S+).*stays open/s);
    const response = await fetch(`${url}/report`);
    demo.signal('SIGTERM');
    await response.text().catch(() => {});
    const { stdout } = await demo.ended;
    expect(stdout).toMatch(/stays open.*http\.request +failure +GET \/report/s);
  });
});
