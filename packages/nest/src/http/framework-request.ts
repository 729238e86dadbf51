// Express and Fastify give Nest different requests; both stand on one of node:http.
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What of a framework's request and response is read here. Fastify's have `raw`; Express's are node's own. */
interface Wrapped<Raw> {
  readonly raw?: Raw;
}

/** Undefined for what is no request: libraries run handlers of their own in what Nest calls an `http` context. */
export function rawRequest(request: unknown): IncomingMessage | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  return (request as Wrapped<IncomingMessage>).raw ?? (request as IncomingMessage);
}

export function rawResponse(response: unknown): ServerResponse {
  return (response as Wrapped<ServerResponse>).raw ?? (response as ServerResponse);
}

interface RoutedRequest {
  /** Express. */
  readonly route?: { readonly path?: unknown };
  readonly baseUrl?: string;
  /** Fastify. */
  readonly routeOptions?: { readonly url?: string };
  readonly is404?: boolean;
}

/** The pattern of the route a request was given to, with the prefixes it is mounted under. */
export function routeOf(request: unknown): string | undefined {
  const { route, baseUrl = '', routeOptions, is404 } = request as RoutedRequest;
  if (is404) return undefined;
  if (routeOptions?.url !== undefined) return routeOptions.url;
  return route?.path === undefined ? undefined : baseUrl + String(route.path);
}
