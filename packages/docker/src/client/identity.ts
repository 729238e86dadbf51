// Which container a handle stands for: the whole id that entries are joined by, and what its environment holds.
import type { ContainerRef } from '@audit/core';
import { methodOf } from './stand-in.ts';

interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly Config: { readonly Image: string; readonly Env?: readonly string[] | null };
}

export interface KnownIdentity {
  readonly names: Omit<ContainerRef, 'id'>;
  readonly environment: readonly string[];
}

export class ContainerIdentity {
  readonly #container: object;
  #ref: ContainerRef;
  #environment: readonly string[];
  #known: boolean;

  /** @param known of a container this client has made; else it is looked up, be it by name or by a part of its id */
  constructor(container: object, known?: KnownIdentity) {
    this.#container = container;
    const id = String((container as { readonly id?: unknown }).id);
    this.#ref = { ...known?.names, id };
    this.#environment = known?.environment ?? [];
    this.#known = known !== undefined;
  }

  get ref(): ContainerRef {
    return this.#ref;
  }

  /** Names and values, which are never recorded. */
  get environment(): readonly string[] {
    return this.#environment;
  }

  /** What has to be done before an act; undefined where nothing has. */
  get before(): (() => Promise<void>) | undefined {
    return this.#known ? undefined : () => this.#inspect();
  }

  rename(name: string): void {
    this.#ref = { ...this.#ref, name };
  }

  async #inspect(): Promise<void> {
    try {
      const answer = await methodOf(this.#container, 'inspect').call(this.#container);
      const { Id, Name, Config } = answer as Inspected;
      this.#ref = { id: Id, name: Name.replace(/^\//, ''), image: Config.Image };
      this.#environment = Config.Env ?? [];
      this.#known = true;
    } catch {
      // The act itself will say what is wrong.
    }
  }
}
