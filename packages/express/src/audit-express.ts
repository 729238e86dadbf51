// The middleware. May import @audit/core, @audit/http, and of Express only types.
import { withAuditContext } from '@audit/core';
import { beginExchange, findExchange, type HttpOptions, HttpRecorder, type RequestAudit } from '@audit/http';
import type { Request, RequestHandler, Response } from 'express';
import { refuseUncalled } from './misuse.ts';
import { followRoute } from './route.ts';

declare global {
  namespace Express {
    interface Request {
      /** Records domain events with the trace and actor of this request; here since `auditExpress()` ran. */
      audit: RequestAudit;
    }
  }
}

/** Options of `auditExpress`: those every HTTP adapter has, over Express's request and response. */
export type AuditExpressOptions = HttpOptions<Request, Response>;

/**
 * Records every request once, when its response is over, whatever ended it. Mount it first: what ran before
 * it is neither timed nor correlated. Mounted again further in, it leaves the request to the first.
 *
 * @throws TypeError naming the option that is wrong
 */
export function auditExpress(options: AuditExpressOptions = {}): RequestHandler {
  refuseUncalled('auditExpress', options);
  const recorder = HttpRecorder.of(options);
  return function audit(req, res, next) {
    if (findExchange(req) !== undefined) return next();
    const trust: unknown = req.app.get('trust proxy');
    if (trust === true) warnOfTrust(recorder);
    const exchange = beginExchange(req, res, recorder, {
      // Where no proxy is trusted it is the peer's, and Express need not be asked.
      ip: trust ? req.ip : undefined,
      target: req.originalUrl,
      route: followRoute(req),
    });
    req.audit = exchange.audit;
    exchange.admit(() => withAuditContext(exchange.context, next));
  };
}

function warnOfTrust(recorder: HttpRecorder): void {
  recorder.warnings.once(
    'AUDIT_TRUST_PROXY',
    "'trust proxy' is true, so req.ip is whatever a client writes into X-Forwarded-For, and so is the address in the audit log: set it to the number of proxies in front, or to their addresses.",
  );
}
