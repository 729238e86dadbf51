// Commands run inside of containers. Two entries: one when it starts, since it may run for days, and one when it has
// ended, with its exit code. What is only prepared (`exec_create`) has done nothing yet.
import { type AuditEvent, containerExec } from '@audit/core';
import { type KnownContainer, type KnownExec, noteExec } from '../cursor/inventory.ts';
import { type EngineMessage, messageKey } from '../stream/message.ts';
import { attribute, isHidden } from './attributes.ts';
import { containerRef } from './containers.ts';
import { provenance } from './provenance.ts';
import type { Reading, Scene } from './scene.ts';

/** Undefined where a message is no entry: of a probe, or of what is only prepared. */
export async function execEvent(reading: Reading, scene: Scene): Promise<AuditEvent | undefined> {
  const { message, recorded } = reading;
  const { id, action, attributes, timeNano, detail } = message;
  const known = scene.inventory.take(id, attributes.name, attributes.image);
  const execId = attribute(message, 'execID', known);
  if (action === 'exec_start') {
    const exec: KnownExec =
      isProbe(message, known) || recorded || execId === undefined
        ? { command: detail }
        : await inspected(execId, detail, scene);
    if (execId !== undefined) noteExec(known, execId, exec);
    if (isProbe(message, known) && !scene.healthProbes) return undefined;
    return started(reading, scene, known, exec, execId);
  }
  if (action !== 'exec_die') return undefined;
  const exec = execId === undefined ? undefined : known.execs.get(execId);
  if (execId !== undefined) known.execs.delete(execId);
  if (exec !== undefined && isProbeCommand(exec.command, known) && !scene.healthProbes) return undefined;
  const found =
    exec ??
    (recorded || execId === undefined ? { command: UNKNOWN } : await inspected(execId, UNKNOWN, scene));
  if (isProbeCommand(found.command, known) && !scene.healthProbes) return undefined;
  const exitCode = exitCodeOf(attribute(message, 'exitCode', known));
  const { data, ...about } = provenance({
    engine: scene.engine,
    seenBy: 'event',
    timeNano,
    key: messageKey(message),
  });
  return containerExec({
    ...about,
    container: containerRef(known),
    ...facts(found),
    ...(exitCode === undefined ? { outcome: 'unknown' } : { exitCode }),
    ...(exitCode !== undefined && exitCode !== 0 && { outcome: 'failure' }),
    data: {
      ...data,
      phase: 'ended',
      execId,
      ...(isHidden('exitCode', known) && { hiddenByLabels: ['exitCode'] }),
    },
  });
}

/** What stands for the command of an exec that nobody saw begin. */
const UNKNOWN = '[unknown]';

function started(
  { message }: Reading,
  { engine }: Scene,
  known: KnownContainer,
  exec: KnownExec,
  execId: string | undefined,
): AuditEvent {
  const { timeNano } = message;
  const { data, ...about } = provenance({ engine, seenBy: 'event', timeNano, key: messageKey(message) });
  return containerExec({
    ...about,
    // How it ends is not known yet.
    outcome: 'unknown',
    container: containerRef(known),
    ...facts(exec),
    data: {
      ...data,
      phase: 'started',
      execId,
      ...(exec.privileged === true && { privileged: true, risks: [PRIVILEGED] }),
    },
  });
}

/** CIS Docker Benchmark v1.6.0. */
const PRIVILEGED = { id: 'CIS-5.23', severity: 'high', title: 'exec with every privilege' } as const;

async function inspected(execId: string, command: string, { inspector }: Scene): Promise<KnownExec> {
  const { facts: found } = await inspector.exec(execId);
  return found ?? { command };
}

function facts({ command, user, tty }: KnownExec) {
  return { command, ...(user !== undefined && user !== '' && { user }), ...(tty !== undefined && { tty }) };
}

/** A probe runs exactly what the container's health check says; an exec of the same command is one, too. */
function isProbe({ detail }: EngineMessage, known: KnownContainer): boolean {
  return isProbeCommand(detail, known);
}

function isProbeCommand(command: string | readonly string[], known: KnownContainer): boolean {
  const probe = known.facts?.healthCommand;
  if (probe == null) return false;
  const text = typeof command === 'string' ? command : command.join(' ');
  // A command of the shell form stands behind the shell, whichever it is.
  return probe.startsWith(' ') ? text.endsWith(` -c${probe}`) : text === probe;
}

function exitCodeOf(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}
