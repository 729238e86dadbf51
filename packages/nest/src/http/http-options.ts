// The module's options as @audit/http takes them: its callbacks get the framework's request, not node's.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuditLog } from '@audit/core';
import type { HttpOptions } from '@audit/http';
import type { AuditModuleOptions } from '../audit-module-options.interface.ts';
import { frameworkSide, requestNotes } from './request-notes.ts';

/** What `forRoot()` is given beyond the options of every HTTP adapter. */
const OWN = ['messageActor', 'name', 'isGlobal'];

/** @throws TypeError naming the option that is unknown or not of its type; some are only found by `HttpRecorder.of` */
export function httpOptions(options: AuditModuleOptions, log: AuditLog | undefined): HttpOptions {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object');
  const { actor, skip, messageActor } = options;
  for (const [name, option] of Object.entries({ actor, skip, messageActor })) {
    if (option !== undefined && typeof option !== 'function') {
      throw new TypeError(`options.${name} must be a function`);
    }
  }
  // Whatever else there is goes to @audit/http, which refuses what it does not know.
  const shared = Object.fromEntries(
    Object.entries(options).filter(([name, value]) => !OWN.includes(name) && value !== undefined),
  );
  return {
    ...shared,
    ...(log && { log }),
    ...(actor && { actor: (req) => actor(frameworkSide(req).request) }),
    // What is held to the log is not left out of it: @audit/http refuses the one with the other.
    ...((options.onFailure !== 'strict' || skip !== undefined) && { skip: skipped }),
  } as HttpOptions;

  function skipped(req: IncomingMessage, res: ServerResponse): boolean {
    if (requestNotes(req).skip || becameSocket(req, res)) return true;
    if (skip === undefined) return false;
    const { request, response = res } = frameworkSide(req);
    return skip(request, response);
  }
}

/**
 * A web socket that Fastify routes like a request: who opened it and under which trace holds for what comes over it,
 * but it is no exchange, and its end no abort. One that was answered instead is.
 */
function becameSocket(req: IncomingMessage, res: ServerResponse): boolean {
  return (req as { upgrade?: boolean | null }).upgrade === true && !res.headersSent;
}
