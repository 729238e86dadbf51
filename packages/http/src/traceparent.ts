// W3C Trace Context: reads the `traceparent` header. Imports nothing.

/** Where a request stands in the caller's trace. Ids are lower-case hex. */
export interface TraceParent {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits: the caller's span. */
  readonly parentId: string;
}

const VERSION_00 = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;
// A later version may append fields after another dash; `ff` is no version. Trace Context §3.2.4.
const LATER_VERSION = /^(?!ff|00)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?$/;
const ALL_ZERO = /^0+$/;

/** The trace of a `traceparent` header; undefined where it is absent, repeated or not valid (§3.2.2). */
export function parseTraceparent(header: string | readonly string[] | undefined): TraceParent | undefined {
  if (typeof header !== 'string' || header.length > 512) return undefined;
  const match = VERSION_00.exec(header) ?? LATER_VERSION.exec(header);
  const traceId = match?.[1];
  const parentId = match?.[2];
  if (traceId === undefined || parentId === undefined) return undefined;
  if (ALL_ZERO.test(traceId) || ALL_ZERO.test(parentId)) return undefined;
  return { traceId, parentId };
}
