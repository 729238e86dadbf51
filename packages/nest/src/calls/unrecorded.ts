// What the caller of a strict handler gets where its event could not be recorded.
import { ServiceUnavailableException } from '@nestjs/common';
import type { AuditCallKind } from '../audit-handler-options.interface.ts';

/** The handler has run by then, and nothing is undone: to try again may do it twice. */
export const UNRECORDED_MESSAGE =
  'The operation may have been carried out, but it could not be recorded in the audit log.';

/** The exception that the transport of the call passes on with its message; 503 over HTTP. */
export async function unrecorded(kind: AuditCallKind, cause: unknown): Promise<Error> {
  const exception = await transportException(kind);
  if (exception === undefined) return new ServiceUnavailableException(UNRECORDED_MESSAGE, { cause });
  exception.cause = cause;
  return exception;
}

/**
 * Only here are these packages needed, which an application that has such messages has; where they cannot be
 * loaded, their filters make an internal error of the other exception.
 */
async function transportException(kind: AuditCallKind): Promise<Error | undefined> {
  if (kind === 'rpc') {
    const microservices = await import('@nestjs/microservices').catch(() => undefined);
    return microservices && new microservices.RpcException(UNRECORDED_MESSAGE);
  }
  if (kind === 'ws') {
    const websockets = await import('@nestjs/websockets').catch(() => undefined);
    return websockets && new websockets.WsException(UNRECORDED_MESSAGE);
  }
  return undefined;
}
