// Alerts to a chat, to a program, and to where nobody has to be reached.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AlertChannel, AlertingPolicy } from '@audit/policy';
import { describe, expect, test } from 'vitest';
import { escapeSlack } from '../../src/alerting/channels/slack.ts';
import { alertingIn, EVENT, inFolder, type Running, receive, until } from './harness.ts';

const rules = { denied: { match: { outcome: ['denied' as const] }, repeat: 0 } };

const withChannel = <T>(
  channel: AlertChannel,
  use: (running: Running, folder: string) => Promise<T>,
): Promise<T> =>
  inFolder((folder) => {
    const channels: AlertingPolicy['channels'] = { one: { retryMax: 20, ...channel } };
    return alertingIn(folder, { rules, channels }, (running) => use(running, folder));
  });

const status = ({ alerting }: Running) => alerting.status().channels.one!;

describe('Slack', () => {
  test('gets a message in which nothing of an event is a mention, a link or bold', async () => {
    const receiver = await receive();
    receiver.answer = (response) => response.writeHead(200).end('ok');
    await withChannel({ slack: { url: receiver.url } }, async (running) => {
      const id = '<!channel> & <https://evil.example|click> *bold*';
      await running.log.record({ ...EVENT, resource: { type: 'user', id } });
      await until(() => status(running).delivered === 1);
      const message = JSON.parse(receiver.requests[0]!.body);
      expect(message.mrkdwn).toBe(false);
      expect(message.text).toContain('&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt; *bold*');
      for (const { text } of message.blocks) {
        expect(text.type).toBe('plain_text');
        expect(text.text).not.toMatch(/[<>]/);
      }
    });
    await receiver.close();
  });

  test('gets no text that is too long, and no half of an escape', () => {
    expect(escapeSlack('a<b>&', 100)).toBe('a&lt;b&gt;&amp;');
    for (let most = 5; most < 40; most++) {
      const text = escapeSlack('<&>😀'.repeat(20), most);
      expect(text.length).toBeLessThanOrEqual(most);
      expect(text.replace(/&(?:amp|lt|gt);|😀/gu, '')).toBe('…');
    }
  });

  test('is left alone as long as it asks, and its URL is told nowhere', async () => {
    const receiver = await receive();
    let first = true;
    receiver.answer = (response) => {
      response.writeHead(first ? 429 : 200, { 'retry-after': '1' }).end();
      first = false;
    };
    const url = receiver.url.replace('/alerts', '/services/T0/B0/s3cr3t');
    await withChannel({ slack: { url } }, async (running, folder) => {
      await running.log.record(EVENT);
      await until(() => status(running).problem === 'HTTP 429');
      const journal = readFileSync(join(folder, 'log.private/alerts/journal.jsonl'), 'utf8');
      expect(journal).toContain('denied');
      expect(journal).not.toContain('s3cr3t');
      await until(() => status(running).delivered === 1);
      expect(JSON.stringify([running.alerting.status(), await running.entries('alert.*')])).not.toContain(
        's3cr3t',
      );
    });
    await receiver.close();
  });
});

describe('a command', () => {
  /** A program that is run by node: `body` has the alert as `alert`, its text as `text`. */
  const program = (folder: string, body: string): AlertChannel => {
    const file = join(folder, 'program.mjs');
    const read = "import { readFileSync } from 'node:fs';\nimport * as fs from 'node:fs';\n";
    writeFileSync(
      file,
      `${read}const text = readFileSync(0, 'utf8');\nconst alert = JSON.parse(text);\n${body}\n`,
    );
    return { command: { run: [process.execPath, file, '; touch', '$(pwd)'] }, retryMax: 20 };
  };
  const withProgram = <T>(body: string, use: (running: Running, folder: string) => Promise<T>, more = {}) =>
    inFolder((folder) => {
      const channels = { one: { ...program(folder, body), ...more } };
      return alertingIn(folder, { rules, channels }, (running) => use(running, folder));
    });

  test('reads the alert from its standard input; arguments are what they are, secrets stay here', async () => {
    process.env.AUDIT_TEST_SECRET = 'hunter22';
    const body = `
      const { argv, env } = process;
      fs.writeFileSync(argv[1] + '.out', JSON.stringify({ alert, args: argv.slice(2), secret: env.AUDIT_TEST_SECRET }));`;
    await withProgram(body, async (running, folder) => {
      await running.log.record(EVENT);
      await until(() => status(running).delivered === 1);
      const told = JSON.parse(readFileSync(join(folder, 'program.mjs.out'), 'utf8'));
      expect(told).toMatchObject({ alert: { rule: 'denied' }, args: ['; touch', '$(pwd)'] });
      expect(told.secret).toBeUndefined();
    });
  });

  test('that ends with another status is run again', async () => {
    const body =
      "fs.appendFileSync(process.argv[1] + '.out', text);\n" +
      "process.exit(fs.readFileSync(process.argv[1] + '.out', 'utf8').split('\\n').length > 3 ? 0 : 7);";
    await withProgram(body, async (running, folder) => {
      await running.log.record(EVENT);
      await until(() => status(running).problem === 'the command ended with status 7');
      await until(() => status(running).delivered === 1);
      const lines = readFileSync(join(folder, 'program.mjs.out'), 'utf8').trimEnd().split('\n');
      expect(new Set(lines).size).toBe(1);
      expect(lines).toHaveLength(3);
    });
  });

  test('that does not end is killed, with what it started', async () => {
    const body = `
      const { spawn } = await import('node:child_process');
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      fs.writeFileSync(process.argv[1] + '.out', String(child.pid));
      setInterval(() => {}, 1000);`;
    await withProgram(
      body,
      async (running, folder) => {
        const file = join(folder, 'program.mjs.out');
        await running.log.record(EVENT);
        // On a machine that is busy, one that is killed may not have come so far: the next will.
        await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '');
        const pid = Number(readFileSync(file, 'utf8'));
        await until(() => status(running).problem === 'the command did not end in time');
        await until(() => !isAlive(pid));
      },
      { timeout: 2_000 },
    );
  });

  test('that is not there is told', () =>
    withChannel({ command: { run: ['/no/such/program'] } }, async (running) => {
      await running.log.record(EVENT);
      await until(() => status(running).problem === 'the command cannot be run (ENOENT)');
    }));
});

describe('the log channel', () => {
  test('writes the whole alert into an entry, once', () =>
    withChannel({ log: { to: 'entry' } }, async (running) => {
      await running.log.record(EVENT);
      await until(() => running.alerting.status().outbox === 0);
      const entries = await running.entries('alert.delivered');
      expect(entries).toMatchObject([{ actor: { id: 'alerting' }, data: { alert: { rule: 'denied' } } }]);
    }));
});

/** A zombie of another parent is none of ours to reap, and not alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
