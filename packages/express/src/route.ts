// The pattern of the route that answers, read while Express looks for it. Imports express types only.
import type { Request } from 'express';

/** Gives the pattern of the last route that matched, or undefined. */
export type RouteReader = () => string | undefined;

/**
 * Follows `req.baseUrl` and `req.route` as routers assign them. Reading them at `close` is too late: a router
 * that passes an error on restores `baseUrl` on the way out, so `/api/users/:id` would end as `/users/:id`.
 * And `baseUrl` holds what the client sent, `/shops/42`; only while it is assigned are the parameters of that
 * mount at hand to say that it was `/shops/:shop`.
 *
 * Express 4 and 5 assign `params`, then `baseUrl` on the way into a router; `route`, then `params` at a route.
 */
export function followRoute(req: Request): RouteReader {
  /** Each base on the way in, with its pattern; `''` is the outermost router. */
  const patterns = new Map<string, string>([['', '']]);
  let base = req.baseUrl ?? '';
  let route: unknown = req.route;
  if (base !== '') patterns.set(base, nameParameters(base, req.params));
  let matched = patternOf(route, patterns.get(base) ?? base);

  Object.defineProperty(req, 'baseUrl', {
    configurable: true,
    enumerable: true,
    get: () => base,
    set(url: string) {
      const outer = base ?? '';
      // Longer means into a router; as long or shorter is a known one again. `undefined` leaves the outermost.
      if (url?.length > outer.length) {
        const above = url.startsWith(outer) ? outer : '';
        patterns.set(
          url,
          (patterns.get(above) ?? above) + nameParameters(url.slice(above.length), req.params),
        );
      }
      base = url;
    },
  });
  Object.defineProperty(req, 'route', {
    configurable: true,
    enumerable: true,
    get: () => route,
    set(value: unknown) {
      route = value;
      matched = patternOf(value, patterns.get(base ?? '') ?? base);
    },
  });
  return () => matched;
}

/**
 * `/shops/42` with `{shop: '42'}` is `/shops/:shop`. A value that stands in two segments names the last one:
 * a parameter mostly follows the noun it belongs to.
 */
function nameParameters(path: string, params: unknown): string {
  const segments = path.split('/');
  for (const [name, value] of Object.entries((params as Record<string, unknown> | undefined) ?? {})) {
    if (typeof value !== 'string' || value === '') continue;
    const at = segments.findLastIndex((segment) => decoded(segment) === value);
    if (at !== -1) segments[at] = `:${name}`;
  }
  return segments.join('/');
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** A route's path may be a string, a regular expression, or a list of both. */
function patternOf(route: unknown, base: string): string | undefined {
  const path = (route as { readonly path?: unknown } | null | undefined)?.path;
  if (path === undefined || path === null) return undefined;
  if (Array.isArray(path)) return path.map((one) => join(base, String(one))).join(' | ');
  return join(base, String(path));
}

function join(base: string, path: string): string {
  return path === '/' && base !== '' ? base : base + path;
}
