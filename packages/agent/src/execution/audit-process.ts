// A child process within limits, as entries of the log.
import { basename } from 'node:path';
import { Recording } from '../recording.ts';
import { ExecutionTold, toldLimits } from './event.ts';
import { checkProcessOptions, type ProcessOptions, type SandboxSettings } from './options.ts';
import { type Ended, run } from './run.ts';

/** How a process ended, what it wrote, what it used. */
export interface ProcessResult extends Ended {
  readonly durationMs: number;
}

/**
 * Runs a command in a process group of its own, within limits, and records it as `code.execution`: once, when it is over;
 * where `onFailure` is `strict`, before it starts, too. Resolves however the process ended. With it ends what it has started.
 *
 * This limits what code uses, not what it may do: it has the files and the network of the application's user.
 *
 * @param command a path, or a name looked up in the PATH that is passed on; no shell reads it
 * @throws AuditAgentError `NOT_STARTED`, `NOT_RECORDED`, `LIMIT_UNAVAILABLE`; TypeError, RangeError naming the option
 */
export async function auditProcess(
  command: string,
  args: readonly string[] = [],
  options: ProcessOptions = {},
): Promise<ProcessResult> {
  if (typeof command !== 'string' || command === '') {
    throw new TypeError(
      "auditProcess takes a command and its arguments: auditProcess('python3', ['main.py'])",
    );
  }
  const settings = checkProcessOptions(options);
  const recording = new Recording(options);
  const { source = JSON.stringify([command, ...args]), language = basename(command), data } = options;
  const facts = { ...data, command: basename(command) };
  const told = new ExecutionTold(
    language,
    source,
    settings,
    { ...options, data: facts },
    toldLimits(settings.limits),
  );

  await recording.begin(told.started());
  let ended: Ended;
  try {
    ended = await run(command, args, {
      limits: settings.limits,
      sampleInterval: settings.sampleInterval,
      env: { ...passedOn(settings), ...options.env },
      cwd: options.cwd,
      input: options.input,
      signal: options.signal,
    });
  } catch (error) {
    await recording.end(told.finished({ durationMs: recording.durationMs }, 'failure', error), error);
    throw error;
  }
  const result: ProcessResult = { ...ended, durationMs: recording.durationMs };
  const outcome = ended.exceeded !== null ? 'failure' : ended.aborted ? 'aborted' : undefined;
  await recording.end(told.finished(factsOf(result, told), outcome), result);
  return result;
}

function passedOn({ environment }: SandboxSettings): Record<string, string> {
  return Object.fromEntries(
    environment.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function factsOf(result: ProcessResult, told: ExecutionTold): Readonly<Record<string, unknown>> {
  const { exitCode, signal, exceeded, durationMs, cpuMs, maxRssBytes, samples, outputBytes, leftovers } =
    result;
  return {
    ...{ exitCode, signal, exceeded, durationMs, cpuMs, maxRssBytes, samples, outputBytes, leftovers },
    timedOut: exceeded === 'time' || exceeded === 'cpu',
    result: { ...told.told('stdout', result.stdout), ...told.told('stderr', result.stderr) },
  };
}
