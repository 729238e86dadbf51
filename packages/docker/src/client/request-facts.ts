// What a request to create a container asks for, told in the facts of `container.create`.
import { type ContainerFacts, factsOf } from '../inspect/facts.ts';
import type { InspectedContainer, InspectedHost, InspectedMount } from '../inspect/inspected.ts';

/** A request is what an inspection would show of it, as far as the engine and the image add nothing. */
export function factsOfRequest(options: unknown): ContainerFacts {
  const { name, HostConfig, Entrypoint, Cmd, Image, User, Env, Labels, Healthcheck } = members(options);
  const host = members(HostConfig);
  const [path, ...args] = [...words(Entrypoint), ...words(Cmd)];
  const requested = {
    Name: name,
    Path: path,
    Args: args,
    HostConfig: host as InspectedHost,
    Mounts: [...strings(host.Binds).map(bindOf), ...list(host.Mounts).map(mountOf)],
    Config: { Image, User, Env: strings(Env), Labels, Healthcheck },
  };
  return factsOf(requested as InspectedContainer, true);
}

/** `source:destination[:options]`; a source that is no path names a volume. */
function bindOf(text: string): InspectedMount {
  const [source = '', destination = '', options = ''] = text.split(':');
  const modes = options.split(',');
  const propagation = modes.find((mode) => /^r?(?:shared|slave|private)$/.test(mode));
  return {
    ...(source.startsWith('/') ? { Type: 'bind', Source: source } : { Type: 'volume', Name: source }),
    Destination: destination,
    RW: !modes.includes('ro'),
    ...(propagation !== undefined && { Propagation: propagation }),
  };
}

/** Docker Engine API, `Mount`. */
function mountOf(mount: unknown): InspectedMount {
  const { Type, Source, Target, ReadOnly, BindOptions } = members(mount);
  const { Propagation } = members(BindOptions);
  const type = typeof Type === 'string' ? Type : 'bind';
  return {
    Type: type,
    ...(typeof Source === 'string' && (type === 'volume' ? { Name: Source } : { Source })),
    Destination: typeof Target === 'string' ? Target : '',
    RW: ReadOnly !== true,
    ...(typeof Propagation === 'string' && { Propagation }),
  };
}

function words(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : strings(value);
}

function strings(value: unknown): readonly string[] {
  return list(value).filter((item): item is string => typeof item === 'string');
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
