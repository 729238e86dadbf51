// What is called of dockerode, spelled out: users need its types only where they use it themselves. Types only.

/** A stream of bytes from the engine. */
export interface EngineStream {
  on(event: string, listener: (...args: never[]) => void): unknown;
  destroy(): unknown;
}

/** A container as dockerode hands it out. */
export interface ContainerHandle {
  readonly id: string;
  inspect(options?: object): Promise<unknown>;
  stats(options: { readonly stream: false; readonly 'one-shot'?: boolean }): Promise<unknown>;
  pause(): Promise<unknown>;
  stop(options?: object): Promise<unknown>;
  kill(options?: object): Promise<unknown>;
}

/** A dockerode client, any version from 4 on; `new Docker()` of `dockerode` is one. */
export interface DockerClient {
  ping(options?: object): Promise<unknown>;
  version(options?: object): Promise<unknown>;
  info(options?: object): Promise<unknown>;
  getEvents(options?: object): Promise<unknown>;
  listContainers(options?: object): Promise<unknown>;
  listNetworks(options?: object): Promise<unknown>;
  listVolumes(options?: object): Promise<unknown>;
  getContainer(id: string): ContainerHandle;
  getExec(id: string): { inspect(options?: object): Promise<unknown> };
}
