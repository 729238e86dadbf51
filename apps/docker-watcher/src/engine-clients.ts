// From the policy and the environment to dockerode clients: which socket or port, and with which certificates.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type EngineAddress, type EnginePolicy, parseEngineHost } from '@audit/policy';
import Docker from 'dockerode';
import { EXIT_MISCONFIGURED, Refusal } from './refusal.ts';

/** Of the environment of this process. */
export type DockerEnvironment = Readonly<Record<string, string | undefined>>;

/** An engine that can be spoken to. */
export interface EngineClient {
  /** As in the policy; undefined: as the engine calls its host. */
  readonly name: string | undefined;
  /** Where it is, for people: `unix:///var/run/docker.sock`. */
  readonly location: string;
  readonly docker: Docker;
}

/** @throws Refusal where an address makes no sense, or a certificate cannot be read */
export function engineClient(engine: EnginePolicy, env: DockerEnvironment): EngineClient {
  const place = engine.host === undefined ? fromEnvironment(env) : fromPolicy(engine, engine.host);
  return { name: engine.name, location: locationOf(place.address), docker: clientOf(place) };
}

interface Place {
  readonly address: EngineAddress;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

function fromPolicy({ host, ca, cert, key }: EnginePolicy, text: string): Place {
  const tls = [ca, cert].some((file) => file !== undefined);
  const address = parseEngineHost(text, tls);
  // The policy has checked it.
  if (address === null) throw new Refusal(`"${host}" is no address of an engine`, EXIT_MISCONFIGURED);
  return { address, ...readAll({ ca, cert, key }) };
}

/** As the docker command reads it: `DOCKER_HOST`, `DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH`. */
function fromEnvironment(env: DockerEnvironment): Place {
  const { DOCKER_HOST: host, DOCKER_TLS_VERIFY: verify, DOCKER_CERT_PATH: certificates } = env;
  if (!host) return { address: { socketPath: defaultSocket() } };
  // A port without certificates would be spoken to in the clear: whoever names some means TLS.
  const tls = Boolean(verify) || Boolean(certificates);
  const address = parseEngineHost(host.includes('://') ? host : `tcp://${host}`, tls);
  if (address === null) {
    throw new Refusal(
      `DOCKER_HOST is "${host}", which is no address that can be watched: give unix:///path or tcp://host:port`,
      EXIT_MISCONFIGURED,
    );
  }
  if ('socketPath' in address || address.protocol === 'http') return { address };
  const folder = certificates || join(homedir(), '.docker');
  const files = { ca: join(folder, 'ca.pem'), cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  return { address, ...readAll(files) };
}

/** Docker Desktop keeps its socket with its user. */
function defaultSocket(): string {
  if (process.platform === 'win32') return '//./pipe/docker_engine';
  const own = join(homedir(), '.docker', 'run', 'docker.sock');
  return existsSync(own) ? own : '/var/run/docker.sock';
}

/**
 * dockerode fills whatever is left out from the environment, also where an engine of the policy has nothing to do with
 * it, so every field is said. No `timeout`: it would cut a quiet event stream.
 */
function clientOf({ address, ca, cert, key }: Place): Docker {
  const socketPath = 'socketPath' in address ? address.socketPath : undefined;
  const { protocol, host, port } = 'socketPath' in address ? ({ protocol: 'http' } as const) : address;
  const options = { socketPath, protocol, host, port, ca, cert, key, timeout: undefined, pathPrefix: '/' };
  try {
    return new Docker(options as unknown as Docker.DockerOptions);
  } catch (error) {
    // It reads DOCKER_HOST and DOCKER_CERT_PATH even so.
    throw new Refusal(`The environment of Docker is wrong: ${(error as Error).message}`, EXIT_MISCONFIGURED, {
      cause: error,
    });
  }
}

function readAll(files: Readonly<Record<'ca' | 'cert' | 'key', string | undefined>>) {
  const read = Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(read.map(([name, file]) => [name, readPem(file)])) as Partial<
    Record<'ca' | 'cert' | 'key', Buffer>
  >;
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Refusal(`The certificate file ${file} cannot be read (${code})`, EXIT_MISCONFIGURED, {
      cause: error,
    });
  }
}

function locationOf(address: EngineAddress): string {
  if ('socketPath' in address) return `unix://${address.socketPath}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${address.protocol}://${host}:${address.port}`;
}
