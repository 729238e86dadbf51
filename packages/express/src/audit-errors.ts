// The error middleware: notes, never answers. May import @audit/http, and of Express only types.
import { findExchange } from '@audit/http';
import type { ErrorRequestHandler } from 'express';
import { refuseUncalled } from './misuse.ts';

/**
 * Puts the error a handler threw, rejected with or passed to `next` into the entry of its request, and hands
 * it on unchanged. Mount it after the routes and before the error middleware that answers.
 */
export function auditErrors(...uncalled: readonly never[]): ErrorRequestHandler {
  refuseUncalled('auditErrors', uncalled[0]);
  return function auditError(error, req, _res, next) {
    findExchange(req)?.noteError(error);
    next(error);
  };
}
