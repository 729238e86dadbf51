// The event of a strict call: recorded before its caller hears of it. May import @audit/http.
import { AuditError, type AuditEvent, type Trace } from '@audit/core';
import type { HttpRecorder } from '@audit/http';
import { Logger } from '@nestjs/common';
import type { AuditCall } from '../audit-handler-options.interface.ts';
import { handlerName } from './handler-event.ts';
import { UNRECORDED_MESSAGE, unrecorded } from './unrecorded.ts';

const logger = new Logger('AuditModule');

/** What a log that is back tells of a call whose caller got an error in place of what its handler gave. */
export const WITHHELD_REASON = 'result-withheld';

/**
 * Resolves once the event is durable and signed, or with what the caller is to get where it cannot be. Never
 * rejects: the client may have left, and then nobody waits.
 *
 * @param sink undefined where there is no log of the name that the handler says
 */
export async function recordStrictly(
  sink: HttpRecorder | undefined,
  make: () => AuditEvent,
  call: AuditCall,
  trace: Trace,
): Promise<Error | undefined> {
  try {
    if (sink === undefined) throw new Error('There is no audit log of the name that @Audit() says.');
    await sink.log.record(make());
    return undefined;
  } catch (error) {
    logger.error(`${handlerName(call)} could not be recorded: ${String(error)}`);
    if (sink !== undefined) reportWithheld(sink, call, trace, error);
    return unrecorded(call.kind, error);
  }
}

/** The event itself may still appear where only the store or the signer failed it. */
function reportWithheld(sink: HttpRecorder, call: AuditCall, trace: Trace, error: unknown): void {
  const code = error instanceof AuditError ? error.code : undefined;
  try {
    sink.log.reportGap({
      reason: WITHHELD_REASON,
      events: code === 'COMMIT_UNCERTAIN' || code === 'SIGNER_DOWN' ? 0 : 1,
      message: UNRECORDED_MESSAGE,
      trace,
      data: { handler: handlerName(call), outcome: call.outcome, code },
    });
  } catch {
    // No log is set: the complaint above has said so.
  }
}
