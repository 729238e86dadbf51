// The effects of what the policy says about code that is run. What is watched and address space are matters of Linux.
import { auditProcess, type ProcessResult } from '@audit/agent';
import type { Policy } from '@audit/policy';
import type { Effect, Effects } from '../../../policy/test/support/effect.ts';
import { onlyEntry, withLog } from '../support/log.ts';
import { program } from '../support/processes.ts';
import { withoutRecord } from './failing.ts';

const TYPE = 'code.execution';
const node = process.execPath;

/** One thing about how a command ended. */
const ended =
  (what: keyof ProcessResult, command: string, args: readonly string[]) =>
  ({ sandbox }: Policy) =>
    withLog(async (log) => String((await auditProcess(command, args, { log, ...sandbox }))[what]));

/** One fact of the entry of an `echo`. */
const told = (name: string) => (policy: Policy) =>
  withLog(async (log) => {
    await auditProcess('echo', ['six', 'seven'], { log, source: 'print it', ...policy.sandbox });
    return (await onlyEntry(log, TYPE)).data[name];
  });

const HOLDING = `
  const held = Buffer.alloc(150_000_000, 1);
  setTimeout(() => held, 700);`;

export const sandboxEffects: Effects = {
  'integrations.sandbox.timeout': {
    value: '100ms',
    observe: ended('exceeded', 'sleep', ['1']),
    expected: 'time',
  },
  'integrations.sandbox.killGrace': {
    value: '50ms',
    beside: { 'integrations.sandbox.timeout': '1s' },
    observe: ended('signal', 'sh', ['-c', 'trap "" TERM; sleep 2.5']),
    expected: 'SIGKILL',
  },
  'integrations.sandbox.cpu': {
    value: '1s',
    observe: ended(
      'exceeded',
      node,
      program('while (process.cpuUsage().user + process.cpuUsage().system < 2_500_000);'),
    ),
    expected: 'cpu',
  },
  'integrations.sandbox.memory': {
    value: '120MB',
    observe: ended('exceeded', node, program(HOLDING)),
    expected: 'memory',
  },
  'integrations.sandbox.addressSpace': {
    value: '1GiB',
    observe: ended('stdout', 'sh', ['-c', 'ulimit -v']),
    expected: '1048576\n',
  },
  'integrations.sandbox.output': {
    value: '100B',
    observe: ended('exceeded', 'seq', ['1000']),
    expected: 'output',
  },
  'integrations.sandbox.environment': {
    value: '[EFFECT_OF_POLICY]',
    observe: async (policy) => {
      process.env.EFFECT_OF_POLICY = 'passed on';
      try {
        return await ended('stdout', '/bin/sh', ['-c', 'echo "$EFFECT_OF_POLICY"'])(policy);
      } finally {
        delete process.env.EFFECT_OF_POLICY;
      }
    },
    expected: 'passed on\n',
  },
  'integrations.sandbox.code': { value: 'clear', observe: told('code'), expected: 'print it' },
  'integrations.sandbox.result': {
    value: 'clear',
    observe: async (policy) => ((await told('result')(policy)) as { stdout: unknown }).stdout,
    expected: 'six seven\n',
  },
  'integrations.sandbox.text': {
    value: '5B',
    beside: { 'integrations.sandbox.code': 'clear' },
    observe: told('code'),
    expected: 'print',
  },
  'integrations.sandbox.sampleInterval': {
    // The waits are doubled up to this, from 4 ms on: a dozen of them is more than eight seconds.
    value: '1h',
    observe: async (policy) => Number(await ended('samples', 'sleep', ['5'])(policy)) <= 12,
    expected: true,
  },
  'integrations.sandbox.onFailure': {
    value: 'strict',
    observe: ({ sandbox }) => withoutRecord(TYPE, (log) => auditProcess('true', [], { log, ...sandbox })),
    expected: 'NOT_RECORDED',
  },
} satisfies Record<string, Effect>;
