// Who comes in, and what they may: authentication, authorization, sessions, keys; and HTTP, through which they come.
import { about, eventOf } from './define.ts';

export interface HttpRequestData {
  readonly method: string;
  /** The pattern that matched, e.g. `/orders/:id`. */
  readonly route?: string | undefined;
  readonly path: string;
  /** Already without secrets. */
  readonly query?: string | Readonly<Record<string, unknown>> | undefined;
  /** Null if and only if no header was sent. */
  readonly status: number | null;
  readonly durationMs?: number | undefined;
  readonly requestBytes?: number | undefined;
  readonly responseBytes?: number | undefined;
  readonly protocol?: string | undefined;
  readonly peer?: string | undefined;
  readonly forwardedFor?: string | readonly string[] | undefined;
  readonly stage?: 'received' | 'responding' | 'completed' | undefined;
}

/**
 * One HTTP exchange. Operation `METHOD route`; resource the route, else the path; outcome by status: 401, 403,
 * 407 denied, other ≥ 400 failure, none aborted.
 */
export const httpRequest = eventOf<HttpRequestData>('http.request', {
  operation: ({ method, route, path }) => `${method} ${route ?? path}`,
  resource: ({ route, path }) => about('route', route, path),
  outcome: ({ status }) => {
    if (status === null) return 'aborted';
    if (status === 401 || status === 403 || status === 407) return 'denied';
    return status >= 400 ? 'failure' : 'success';
  },
});

export interface AuthAttemptData {
  /** Who tried to sign in, as they said. */
  readonly user?: string | undefined;
  /** `password`, `oidc`, `webauthn`, … */
  readonly method?: string | undefined;
  readonly reason?: string | undefined;
  readonly mfa?: boolean | string | undefined;
}

/** A sign-in. Level `security` when it fails or is denied. */
export const authAttempt = eventOf<AuthAttemptData>('auth.attempt', {
  operation: 'login',
  resource: ({ user }) => about('user', user),
});

/** A sign-out. */
export const authLogout = eventOf<{ readonly user?: string | undefined }>('auth.logout', {
  resource: ({ user }) => about('user', user),
});

export interface AuthzDeniedData {
  readonly policy?: string | undefined;
  readonly permission?: string | undefined;
  readonly reason?: string | undefined;
}

/** An access that was refused. Outcome `denied`. */
export const authzDenied = eventOf<AuthzDeniedData>('authz.denied', {
  operation: ({ permission }) => permission || 'access',
  resource: ({ permission, policy }) => about(permission ? 'permission' : 'policy', permission, policy),
  outcome: 'denied',
});

export interface SecurityViolationData {
  readonly policy: string;
  readonly details?: unknown;
}

/** A policy that was broken. Level `critical`. */
export const securityViolation = eventOf<SecurityViolationData>('security.violation', {
  resource: ({ policy }) => about('policy', policy),
  outcome: 'denied',
});

export interface SecurityEventData {
  readonly kind: string;
  readonly details?: unknown;
}

/** Anything else that matters to security. */
export const securityEvent = eventOf<SecurityEventData>('security.event', {
  operation: ({ kind }) => kind || 'event',
  resource: ({ kind }) => about('security', kind),
});

export interface SessionData {
  /** Not the cookie itself: an id made for the log. */
  readonly sessionRef?: string | undefined;
  readonly user?: string | undefined;
  readonly reason?: string | undefined;
}

const session = { resource: ({ sessionRef, user }: SessionData) => about('session', sessionRef, user) };
/** A session begins. */
export const sessionStart = eventOf<SessionData>('session.start', session);
/** A session ends. */
export const sessionEnd = eventOf<SessionData>('session.end', session);

export interface KeyData {
  /** Name or id of the key, never the key. */
  readonly keyId: string;
  readonly algorithm?: string | undefined;
  readonly purpose?: string | undefined;
}

const key = { resource: ({ keyId }: KeyData) => about('key', keyId) };
/** A cryptographic key was used. */
export const keyUse = eventOf<KeyData>('key.use', key);
/** A cryptographic key was made, changed, rotated or destroyed. */
export const keyChange = eventOf<KeyData>('key.change', key);
