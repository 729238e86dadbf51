// How long an alert takes from `emit` to the first byte at the receiver: `node bench/alert-latency.mjs [ALERTS] [EVERY]`,
// so many alerts, one each so many milliseconds (500 and 20). Prints median, 99th percentile and worst; a build first.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuditLog } from '@audit/core';
import { startAlerting } from '../dist/index.js';

const [alerts = 500, every = 20] = process.argv.slice(2).map(Number);
const emitted = new Map();
const latencies = [];

// The first byte is what counts, so the receiver is a bare socket: no parser is between. Requests come one by one on
// each connection, and each is answered once its body is there.
const server = createServer((socket) => {
  let text = '';
  let began = 0;
  socket.setNoDelay().on('data', (chunk) => {
    if (text === '') began = performance.now();
    text += chunk;
    const [, length] = /content-length: (\d+)/i.exec(text) ?? [];
    const body = text.indexOf('\r\n\r\n') + 4;
    if (length === undefined || body === 3 || Buffer.byteLength(text.slice(body)) < Number(length)) return;
    const { entry } = JSON.parse(text.slice(body)).data;
    latencies.push(began - emitted.get(entry.id));
    text = '';
    socket.write('HTTP/1.1 204 No Content\r\n\r\n');
  });
  socket.on('error', () => {});
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const folder = mkdtempSync(join(tmpdir(), 'audit-alert-latency-'));
const directory = join(folder, 'log');
const log = await openAuditLog({ directory, origin: 'bench.example/audit', onKeyCreated: () => {} });
const rate = { alerts: 1_000_000, within: 1_000 };
const secret = `whsec_${Buffer.alloc(32).toString('base64')}`;
const url = `http://127.0.0.1:${server.address().port}/`;
const alerting = await startAlerting({
  log,
  stateDirectory: `${directory}.private`,
  alerting: {
    rules: { denied: { match: { outcome: ['denied'] }, repeat: 0 } },
    channels: { hook: { webhook: { url, secret }, rate } },
    rate,
  },
});

for (let n = 0; n < alerts; n++) {
  const id = `event-${n}`;
  emitted.set(id, performance.now());
  log.emit({
    id,
    type: 'auth.attempt',
    operation: 'login',
    resource: { type: 'user', id: `u${n}` },
    outcome: 'denied',
    actor: { type: 'user', id: 'mallory' },
  });
  await new Promise((resolve) => setTimeout(resolve, every));
}
while (latencies.length < alerts) await new Promise((resolve) => setTimeout(resolve, 10));
await alerting.stop();
await log.close();
server.close();
rmSync(folder, { recursive: true });

const sorted = latencies.sort((a, b) => a - b);
const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1);
console.log(`node ${process.version}, ${availableParallelism()} cores of ${cpus()[0].model}`);
console.log(`${alerts} alerts, one each ${every} ms, from emit to the first byte at the receiver:`);
console.log(`median ${at(0.5)} ms, 99 % within ${at(0.99)} ms, worst ${at(1)} ms`);
