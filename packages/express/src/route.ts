// The pattern of the route that answers, read while Express looks for it. Imports express types only.
import type { Request } from 'express';

/** Gives the pattern of the last route that matched, or undefined. */
export type RouteReader = () => string | undefined;

/**
 * Follows `req.baseUrl` and `req.route` as routers assign them. Reading them at `close` is too late: a router
 * that passes an error on restores `baseUrl` on the way out, so `/api/users/:id` would end as `/users/:id`.
 * And `baseUrl` holds what the client sent, `/shops/42`; only while it is assigned are the parameters of that
 * mount at hand to say that it was `/shops/:shop`.
 */
export function followRoute(req: Request): RouteReader {
  observe(rootOf(req));
  const way = wayOf(req);
  return () => way.matched;
}

/** Where a request keeps its way. */
const WAY = Symbol('way');
type Followed = Request & { [WAY]?: Way };

/** The way of one request through routers. Express 4 and 5 assign `params`, then `baseUrl` on the way into a router; `route`, then `params` at a route. */
class Way {
  readonly #req: Request;
  #base: string | undefined;
  #route: unknown;
  /** Each base on the way in, with its pattern; `''` is the outermost router. Made when there is one. */
  #patterns: Map<string, string> | undefined;
  #matched: string | undefined;

  constructor(req: Request) {
    this.#req = req;
  }

  /** The pattern of the last route that matched. */
  get matched(): string | undefined {
    return this.#matched;
  }

  get base(): string | undefined {
    return this.#base;
  }

  set base(url: string | undefined) {
    const outer = this.#base ?? '';
    // Longer means into a router; as long or shorter is a known one again. `undefined` leaves the outermost.
    if (url !== undefined && url.length > outer.length) {
      const above = url.startsWith(outer) ? outer : '';
      this.#patterns ??= new Map();
      this.#patterns.set(
        url,
        this.#patternOf(above) + nameParameters(url.slice(above.length), this.#req.params),
      );
    }
    this.#base = url;
  }

  get route(): unknown {
    return this.#route;
  }

  set route(value: unknown) {
    this.#route = value;
    this.#matched = patternOf(value, this.#patternOf(this.#base ?? ''));
  }

  #patternOf(base: string): string {
    return this.#patterns?.get(base) ?? base;
  }
}

/** The way so far; of a request that routers had before anybody followed it, from here on. */
function wayOf(req: Followed): Way {
  const known = req[WAY];
  if (known !== undefined) return known;
  const { baseUrl, route } = req;
  const way = new Way(req);
  // In the way of the accessors.
  Reflect.deleteProperty(req, 'baseUrl');
  Reflect.deleteProperty(req, 'route');
  req[WAY] = way;
  way.base = baseUrl;
  if (route !== undefined) way.route = route;
  return way;
}

const observed = new WeakSet<object>();

/**
 * On the prototype of an application's requests, which those of the applications mounted in it inherit: accessors
 * of each request's own would give each a shape of its own, and slow down whatever Express does with it.
 */
function observe(prototype: object): void {
  if (observed.has(prototype)) return;
  observed.add(prototype);
  Object.defineProperties(prototype, {
    baseUrl: {
      configurable: true,
      enumerable: true,
      get(this: Followed) {
        return this[WAY]?.base;
      },
      set(this: Followed, url: string) {
        this[WAY] ??= new Way(this);
        this[WAY].base = url;
      },
    },
    route: {
      configurable: true,
      enumerable: true,
      get(this: Followed) {
        return this[WAY]?.route;
      },
      set(this: Followed, value: unknown) {
        this[WAY] ??= new Way(this);
        this[WAY].route = value;
      },
    },
  });
}

function rootOf(req: Request): object {
  let { app } = req as unknown as { app: MountedApplication };
  while (app.parent !== undefined) app = app.parent;
  return app.request;
}

/** What Express 4 and 5 keep on an application. */
interface MountedApplication {
  readonly request: object;
  readonly parent?: MountedApplication;
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
