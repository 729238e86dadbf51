// Whose context a record belongs to. A logger that is paused for a slow transport hands its records on later, in the
// context of whoever woke it: the actor of another request. So the context is noted when the logger is written to.
import { AsyncResource } from 'node:async_hooks';
import { type AuditContext, getAuditContext, withAuditContext } from '@audit/core';

/** The part of a logger that is followed. */
export interface FollowedLogger {
  write(info: unknown, ...rest: unknown[]): unknown;
}

interface Follower {
  users: number;
  restore(): void;
}

const followers = new WeakMap<object, Follower>();
/** Records on their way through a logger. Beside them rather than on them: every transport sees them. */
const noted = new WeakMap<object, AuditContext | null>();
/** How many `write` of followed loggers are on the stack. */
let writing = 0;

/**
 * Notes the caller's context of everything written to `logger`, until the function returned is called. Any number
 * of transports of one logger share one way of doing so.
 */
export function followCallers(logger: FollowedLogger): () => void {
  const target = rootOf(logger);
  const follower = followers.get(target) ?? follow(target);
  follower.users++;
  return () => {
    if (--follower.users > 0) return;
    follower.restore();
    followers.delete(target);
  };
}

/** A child logger is an object over its parent, whose `write` it calls. */
function rootOf(logger: FollowedLogger): FollowedLogger {
  let root = logger;
  while (Object.getOwnPropertyDescriptor(root, 'write')?.configurable === false) {
    root = Object.getPrototypeOf(root) as FollowedLogger;
  }
  return root;
}

function follow(logger: FollowedLogger): Follower {
  const before = Object.getOwnPropertyDescriptor(logger, 'write');
  const original = logger.write;
  function write(this: unknown, info: unknown, ...rest: unknown[]): unknown {
    if (typeof info === 'object' && info !== null) noted.set(info, getAuditContext() ?? null);
    writing++;
    try {
      return original.call(this as FollowedLogger, info, ...rest);
    } finally {
      writing--;
    }
  }
  Object.defineProperty(logger, 'write', { value: write, configurable: true, writable: true });
  const follower: Follower = {
    users: 0,
    restore() {
      // Whoever has wrapped it since keeps what they have; ours only notes, and harms nobody.
      if (logger.write !== write) return;
      if (before === undefined) Reflect.deleteProperty(logger, 'write');
      else Object.defineProperty(logger, 'write', before);
    },
  };
  followers.set(logger, follower);
  return follower;
}

/**
 * The context of the one who wrote `info`. What was not noted, because a format made a new object of it, was written
 * by the running code if that is still inside the logger's `write`; else nobody knows, and no actor is better than
 * a wrong one.
 *
 * @param followed false where the record came by no logger: then the caller is the running code
 */
export function callerOf(info: object, followed: boolean): AuditContext | undefined {
  const context = noted.get(info);
  if (context !== undefined) return context ?? undefined;
  return !followed || writing > 0 ? getAuditContext() : undefined;
}

const nobody = new AsyncResource('AuditTransport');

/** Runs `fn` in this context and no other. */
export function runAs<T>(context: AuditContext | undefined, fn: () => T): T {
  if (context === getAuditContext()) return fn();
  return nobody.runInAsyncScope(() => (context === undefined ? fn() : withAuditContext(context, fn)));
}
