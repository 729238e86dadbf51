// A function of this process, as entries of the log. It cannot be limited as a process can, only told to stop.
import { textOf } from '../content/treatment.ts';
import { AuditAgentError } from '../errors.ts';
import { Recording } from '../recording.ts';
import { ExecutionTold } from './event.ts';
import { checkExecutionOptions, type ExecutionOptions } from './options.ts';

/**
 * Runs `fn` and records it as `code.execution`, with its text as the code and what it returns as the result.
 *
 * Of the limits only `timeout` holds here: then `signal` is aborted, and the call rejects with `TIMED_OUT` whether `fn` heeds
 * it or not. What blocks the event loop cannot be timed out; run that by `auditProcess`. `cpuMs` is the processor time of
 * this whole process meanwhile.
 *
 * @returns what `fn` returns
 * @throws what `fn` throws; AuditAgentError `TIMED_OUT`, `NOT_RECORDED`; TypeError, RangeError naming the option
 */
export async function auditExecution<T>(
  fn: (signal: AbortSignal) => T | Promise<T>,
  options: ExecutionOptions = {},
): Promise<T> {
  if (typeof fn !== 'function')
    throw new TypeError('auditExecution takes a function: auditExecution(() => …)');
  const settings = checkExecutionOptions(options);
  const recording = new Recording(options);
  const { timeout } = settings.limits;
  const { language = 'javascript', source = String(fn) } = options;
  const limits = { timeoutMs: timeout === 0 ? null : timeout };
  const told = new ExecutionTold(language, source, settings, options, limits);

  await recording.begin(told.started());
  const cpuBefore = process.cpuUsage();
  const used = () => {
    const { user, system } = process.cpuUsage(cpuBefore);
    const cpuMs = (user + system) / 1_000;
    return { durationMs: recording.durationMs, cpuMs, cpuScope: 'process', maxRssBytes: null };
  };
  let value: T;
  try {
    value = await withTimeout(fn, timeout);
  } catch (error) {
    const timedOut = error instanceof AuditAgentError && error.code === 'TIMED_OUT';
    const facts = { ...used(), timedOut, exceeded: timedOut ? 'time' : null };
    await recording.end(told.finished(facts, 'failure', error), error);
    throw error;
  }
  const result = value === undefined ? {} : { result: told.told('value', textOf(value)) };
  await recording.end(told.finished({ ...used(), timedOut: false, exceeded: null, ...result }), value);
  return value;
}

async function withTimeout<T>(fn: (signal: AbortSignal) => T | Promise<T>, timeout: number): Promise<T> {
  const stop = new AbortController();
  if (timeout === 0) return await fn(stop.signal);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new AuditAgentError('TIMED_OUT', `The function took longer than ${timeout} ms.`);
      reject(error);
      stop.abort(error);
    }, timeout);
  });
  try {
    return await Promise.race([fn(stop.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
