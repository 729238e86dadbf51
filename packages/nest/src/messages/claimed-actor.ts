// Who the application says has sent what came in by no request. Imports core types only.
import type { Actor } from '@audit/core';
import type { HttpRecorder } from '@audit/http';
import type { ExecutionContext } from '@nestjs/common';
import type { AuditModuleOptions } from '../audit-module-options.interface.ts';

/** Undefined where it says nothing, or throws: a mistake there must not cost the entry. */
export function claimedActor(
  context: ExecutionContext,
  messageActor: AuditModuleOptions['messageActor'],
  recorder: HttpRecorder,
): Actor | undefined {
  try {
    return messageActor?.(context) ?? undefined;
  } catch (error) {
    const message = `options.messageActor of the audit module throws: ${String(error)}`;
    recorder.warnings.once('AUDIT_CALLBACK_FAILED', message);
    return undefined;
  }
}
