// The request target as it is recorded: path and query, without whatever grants access. RFC 9112 §3.2.
import { redactUrl } from './redaction.ts';

export interface Target {
  readonly path: string;
  /** Without the `?`, secret parameters masked; undefined where there is none. */
  readonly query: string | undefined;
}

/** Scheme and authority of an absolute-form target, where userinfo stands. */
const AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;
/** Userinfo of a target that begins with an authority: `//user:password@host/…`, `user:password@host:443`. */
const USERINFO = /^(\/\/)?[^/?#]*@/;

/** Most targets: a path of short segments, in which there is neither a query nor room for a secret that patterns know. */
const PLAIN = /^(?:\/[\w-]{0,12})+$/;

/**
 * Takes any target a client can send; none of it need be a valid URL. A fragment, which no client should send,
 * is dropped: it is where browsers keep tokens.
 */
export function readTarget(target: string): Target {
  if (PLAIN.test(target)) return { path: target, query: undefined };
  const { path, query } = split(target);
  return {
    path: redactUrl(path),
    query: query.length > 1 ? redactUrl(query).slice(1) : undefined,
  };
}

/** The path as the client sent it, whatever it holds: for rules to look at, not to be recorded. */
export function readPath(target: string): string {
  if (PLAIN.test(target)) return target;
  return split(target).path;
}

/** `query` with its `?`, or empty. */
function split(target: string): { readonly path: string; readonly query: string } {
  const withoutFragment = target.replace(/#.*$/s, '');
  const origin = withoutFragment.replace(AUTHORITY, '').replace(USERINFO, '$1');
  const mark = origin.indexOf('?');
  const path = mark === -1 ? origin : origin.slice(0, mark);
  return { path: path === '' ? '/' : path, query: mark === -1 ? '' : origin.slice(mark) };
}
