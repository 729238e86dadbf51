// Maintenance over the deaths of processes: what was missed is caught up once, what was cut off is done again, and two
// processes never do it at one time.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Place } from '../support/place.ts';

const program = fileURLToPath(new URL('../fixtures/maintainer.mjs', import.meta.url));
const HOUR = 3_600_000;

let place: Place;
let children: ChildProcess[];
beforeEach(() => {
  place = new Place();
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  place.remove();
});

/** A process that maintains the log. */
class Maintainer {
  readonly child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #said = '';
  readonly #listeners = new Set<() => void>();

  /** @param ahead of its clock · @param takes how long a run takes; both in milliseconds */
  constructor(ahead = 0, takes = 0) {
    const args = [program, place.directory, place.path('runs'), String(ahead), String(takes)];
    this.child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(this.child);
    this.#ended = new Promise((resolve) => this.child.once('close', resolve));
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
      for (const listener of this.#listeners) listener();
    });
    void this.#ended.then(() => {
      for (const listener of this.#listeners) listener();
    });
  }

  get said(): readonly string[] {
    return this.#said.split('\n').slice(0, -1);
  }

  async says(line: string): Promise<void> {
    while (!this.said.includes(line)) {
      if (this.child.exitCode !== null) throw new Error(`ended before "${line}":\n${this.#said}`);
      await new Promise<void>((resolve) => this.#listeners.add(resolve));
    }
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#ended;
  }
}

/** Process ids of the runs that were done, in order. */
function runs(): number[] {
  const file = place.path('runs');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : [];
}

async function intact(): Promise<void> {
  await place.closeIntact(await place.open());
}

test('what is missed is caught up once, however often it was missed, and however often it is started', async () => {
  const first = new Maintainer();
  await first.says('ended');
  await first.kill();
  expect(runs()).toEqual([first.child.pid]);

  const soon = new Maintainer(HOUR / 2);
  await soon.says('not due');
  await soon.kill();

  const late = new Maintainer(30 * HOUR);
  await late.says('ended');
  await late.kill();
  const again = new Maintainer(30 * HOUR);
  await again.says('not due');
  await again.kill();
  expect(runs()).toEqual([first.child.pid, late.child.pid]);
  await intact();
});

test('a run that is killed is done again by the next process', async () => {
  const killed = new Maintainer(0, 60_000);
  await killed.says('begun');
  await killed.kill();
  expect(runs()).toEqual([]);
  const next = new Maintainer();
  await next.says('ended');
  await next.kill();
  expect(runs()).toEqual([next.child.pid]);
  await intact();
});

test('of two processes the one that has the log maintains it; the other takes over, and knows what was done', async () => {
  const owner = new Maintainer();
  await owner.says('ended');
  const soon = new Maintainer(HOUR / 2);
  await soon.says('opening');
  expect(soon.said).toEqual(['opening']);
  await owner.kill();
  await soon.says('not due');

  const late = new Maintainer(2 * HOUR);
  await late.says('opening');
  await soon.kill();
  await late.says('ended');
  await late.kill();
  expect(runs()).toEqual([owner.child.pid, late.child.pid]);
  await intact();
});
