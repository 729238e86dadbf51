// What the engine has now: its containers, listed and inspected.
import { ask, type Patience } from '../connection/ask.ts';
import type { DockerClient } from '../docker-client.ts';
import type { ContainerFacts } from '../inspect/facts.ts';
import type { Inspector } from '../inspect/inspector.ts';

export interface Listing {
  /** Everything listed, also what could not be inspected: where it is gone, its `destroy` is on the way. */
  readonly ids: ReadonlySet<string>;
  readonly facts: ReadonlyMap<string, ContainerFacts>;
}

/** @throws where the engine does not answer */
export async function takeListing(
  docker: DockerClient,
  inspector: Inspector,
  patience: Patience,
): Promise<Listing> {
  const listed = (await ask(patience, 'list', (options) =>
    docker.listContainers({ all: true, ...options }),
  )) as readonly {
    readonly Id: string;
  }[];
  const facts = new Map<string, ContainerFacts>();
  await Promise.all(
    listed.map(async ({ Id }) => {
      const inspection = await inspector.container(Id);
      if (inspection.facts !== null) facts.set(Id, inspection.facts);
      // One that the engine cannot tell of must not keep the others from being compared.
      else if (!inspection.answered)
        throw new Error(`A container could not be inspected: ${inspection.reason}`);
    }),
  );
  return { ids: new Set(listed.map(({ Id }) => Id)), facts };
}
