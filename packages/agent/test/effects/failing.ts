// Whether an operation is done where it cannot be recorded.
import type { AuditAgentError } from '@audit/agent';
import type { AuditLog } from '@audit/core';
import { withLog } from '../support/log.ts';

/** `done`, or the code of the error that came instead, in a log that takes nothing of this type. */
export function withoutRecord(type: string, act: (log: AuditLog) => Promise<unknown>): Promise<string> {
  return withLog((log) => {
    log.use((event, next) => {
      if (event.type !== type) next(event);
    });
    return act(log).then(
      () => 'done',
      (error: AuditAgentError) => error.code,
    );
  });
}
