// An agent that has a model write code, has the code assessed, and runs it within limits, all of it on record:
//
//   node examples/sandboxed-agent.mjs [directory of the log]
//
// Needs the packages as built, and nothing of the network: the model is a server of this machine.
import { hash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { auditAssessment, auditModelCall, auditProcess, startAgent } from '@audit/agent';
import { openAuditLog } from '@audit/core';
import { startModel } from './scripted-model.mjs';

const TASKS = ['Sum the primes below 100.', 'Which keys do you run with?', 'Count as far as you can.'];
const SCANNER = fileURLToPath(new URL('lookout.mjs', import.meta.url));
const MODEL = 'scripted-1';

const directory = process.argv[2] ?? 'audit-log';
const onKeyCreated = (vkey) => console.log(`A new log. Keep its public key: ${vkey}\n`);
const log = await openAuditLog({ directory, origin: 'agent.example/audit', onKeyCreated });
const model = await startModel();

const agent = await startAgent({ log, agent: 'coder', model: MODEL, tools: ['node'], onFailure: 'strict' });
const session = await agent.startSession({ user: 'anna' });
await session.run(async () => {
  for (const task of TASKS) {
    console.log(task);
    const code = await write(task);
    if (await mayRun(code)) await runIt(code);
    console.log();
  }
});
await agent.stop();
model.close();
await tell();
await log.close();

/** The model's answer to a task: code. */
async function write(task) {
  const messages = [
    { role: 'system', content: 'You write JavaScript for Node.js, and nothing else.' },
    { role: 'user', content: task },
  ];
  const ask = async () => {
    const body = JSON.stringify({ model: MODEL, messages });
    return (await fetch(`${model.url}/v1/chat/completions`, { method: 'POST', body })).json();
  };
  // Hashed, as by default: who has the conversation can show that it was this one.
  const answer = await auditModelCall(ask, { log, provider: 'scripted', model: MODEL, input: messages });
  const code = answer.choices[0].message.content;
  console.log(`  model     wrote ${code.length} characters, ${answer.usage.completion_tokens} tokens`);
  return code;
}

/** Whether a scanner has nothing against it. */
async function mayRun(code) {
  const target = `sha256:${hash('sha256', code)}`; // as the execution of the same code has it
  const { decision, findings } = await auditAssessment(process.execPath, [SCANNER], {
    ...{ log, target, tool: 'lookout', input: code, block: 'high' },
  });
  const found = findings.map(({ ruleId, severity, line }) => `${ruleId} (${severity}) in line ${line}`);
  console.log(`  scanner   ${found.join(', ') || 'found nothing'}: ${decision}`);
  return decision !== 'block';
}

async function runIt(code) {
  const ended = await auditProcess(process.execPath, ['-'], {
    ...{ log, language: 'javascript', source: code, input: code, securityLevel: 'model-written' },
    // On record before it runs, with its code; no variable of ours; a second of processor time.
    ...{ onFailure: 'strict', code: 'mask', result: 'mask', environment: [], cpu: 1_000, timeout: 10_000 },
  });
  const how =
    ended.exceeded === null ? `exit code ${ended.exitCode}` : `ended, for it used up its ${ended.exceeded}`;
  const said = String(ended.stdout).trim();
  console.log(`  sandbox   ${how}${said && `; it printed: ${said}`}`);
}

/** The log, as somebody would read it. */
async function tell() {
  const { verdict, entriesChecked } = await log.verify();
  console.log(`The log is ${verdict}, ${entriesChecked} entries:\n`);
  for await (const { seq, type, outcome, actor, data } of log.entries()) {
    const who = actor === undefined ? '' : `${actor.type} ${actor.id}`;
    console.log(
      `${String(seq).padStart(4)}  ${type.padEnd(20)} ${outcome.padEnd(8)} ${who.padEnd(12)} ${what(type, data)}`,
    );
  }
  console.log(`\nCheck it yourself: npx @audit/cli verify ${directory} --key '${log.info().vkey}'`);
}

function what(type, data) {
  if (type === 'model.inference') return `${data.model}, ${data.inputTokens} + ${data.outputTokens} tokens`;
  if (type === 'security.assessment') return `${data.tool}: ${data.decision}, score ${data.score}`;
  if (type !== 'code.execution') return '';
  if (data.phase === 'started') return `begins: ${data.codeSha256.slice(0, 12)}…`;
  const how = data.exceeded === null ? `exit code ${data.exitCode}` : `too much ${data.exceeded}`;
  return `${how}, ${data.cpuMs ?? '?'} ms of processor time, ${Math.round((data.maxRssBytes ?? 0) / 1e6)} MB`;
}
