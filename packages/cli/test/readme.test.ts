// The README's opening program runs as it stands there, on a real log.
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BIN, plainEnvironment } from './audit.ts';
import { writeLog } from './logs.ts';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

describe.skipIf(process.platform === 'win32')('README.md', () => {
  it('opens with a program that runs', async () => {
    const program = /```sh\n(.*?)```/s.exec(readme)![1]!;
    const log = await writeLog(10);
    const bin = join(log.folder, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'audit'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`, {
      mode: 0o755,
    });
    const env = plainEnvironment({ PATH: `${bin}${delimiter}${process.env.PATH}` });
    const output = execFileSync('sh', ['-euc', program], { cwd: log.folder, env, encoding: 'utf8' });
    expect(output.match(/INTACT/g)).toHaveLength(4);
    expect(output).toContain('All is well.');
  });

  it('gives a command that computes the next entry’s prev with coreutils', async () => {
    const command = /`(printf .*? sha256sum)`/.exec(readme)![1]!.replace('\\|', '|');
    const log = await writeLog(50);
    const local = command.replace('audit show DIR', `'${process.execPath}' '${BIN}' show '${log.directory}'`);
    const output = execFileSync('sh', ['-euc', local], { env: plainEnvironment(), encoding: 'utf8' });
    const lines = (await readFile(join(log.directory, 'entries', '0000000000000000.jsonl'), 'utf8')).split(
      '\n',
    );
    expect(output.slice(0, 64)).toBe((JSON.parse(lines[42]!) as { prev: string }).prev);
  });

  it('names every command and option of the program, and no other', async () => {
    const commands = [
      'verify',
      'info',
      'tail',
      'show',
      'prove',
      'verify-proof',
      'key generate',
      'key show',
      'privacy lookup',
      'doctor',
      'config check',
      'config explain',
      'config diff',
      'archive',
      'prune',
    ];
    for (const command of commands) {
      const help = execFileSync(process.execPath, [BIN, ...command.split(' '), '--help'], {
        encoding: 'utf8',
      });
      expect(readme).toContain(`audit ${command}`);
      for (const [, option] of help.matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)) {
        if (option !== '--help' && !(option === '--follow' || option === '--lines'))
          expect(readme).toContain(option);
      }
    }
  });
});
