// What a message is read with. Types only.
import type { Inventory } from '../cursor/inventory.ts';
import type { ContainerFacts } from '../inspect/facts.ts';
import type { Inspection, Inspector } from '../inspect/inspector.ts';
import type { EngineMessage } from '../stream/message.ts';
import type { EngineRef } from './provenance.ts';

export interface Scene {
  readonly engine: EngineRef;
  readonly inventory: Inventory;
  readonly inspector: Inspector;
  /** Probes of health checks become entries. */
  readonly healthProbes: boolean;
}

/** A message as it is read. */
export interface Reading {
  readonly message: EngineMessage;
  /** An inspection that began when the message came: later the container may be gone. */
  readonly inspection?: Promise<Inspection<ContainerFacts>> | undefined;
  /** Its entry is in the log already: what follows from it is noted, and the engine is not asked. */
  readonly recorded: boolean;
}
