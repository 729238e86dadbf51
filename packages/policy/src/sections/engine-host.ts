// The address of a Docker engine, written as in DOCKER_HOST. Imports nothing.

/** Where an engine listens: a socket of this machine, or a port. */
export type EngineAddress =
  | { readonly socketPath: string }
  | { readonly protocol: 'http' | 'https'; readonly host: string; readonly port: number };

const PORT_PLAIN = 2375;
/** With TLS. Both are the engine's registered ports. */
const PORT_TLS = 2376;

/**
 * Reads `unix:///path`, `npipe:////./pipe/name`, `tcp://host:port`, `http://…` or `https://…`.
 *
 * @param tls whether `tcp://` speaks TLS: it does where there are certificates
 * @returns null for what is none of these
 */
export function parseEngineHost(text: string, tls: boolean): EngineAddress | null {
  const socket = /^(?:unix|npipe):\/\/(\/.+)$/.exec(text)?.[1];
  if (socket !== undefined) return { socketPath: socket };
  const [, scheme, bracketed, plain, port] =
    /^(tcp|http|https):\/\/(?:\[([\da-fA-F:.]+)\]|([\w.-]+))(?::(\d{1,5}))?\/?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port ?? 1) > 65_535) return null;
  const protocol = scheme === 'https' || (scheme === 'tcp' && tls) ? 'https' : 'http';
  return { protocol, host, port: Number(port ?? (protocol === 'https' ? PORT_TLS : PORT_PLAIN)) };
}
