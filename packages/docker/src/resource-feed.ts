// Tells the resource monitor what happens to containers, and takes what it finds.
import type { AuditEvent, ContainerRef } from '@audit/core';
import type { IdentifiedEngine } from './connection/engine.ts';
import type { Inventory, KnownContainer } from './cursor/inventory.ts';
import { containerRef } from './events/containers.ts';
import type { EngineData } from './events/provenance.ts';
import type { WatchSettings } from './options.ts';
import type { Listing } from './reconcile/listing.ts';
import { missedOomKill } from './resources/missed-oom.ts';
import { ResourceMonitor, type ResourceStats } from './resources/monitor.ts';
import type { EngineMessage } from './stream/message.ts';
import { dateOfNano, formatNano } from './stream/nanoseconds.ts';

export interface ResourceFeedHooks {
  readonly emit: (event: AuditEvent) => void;
  readonly warn: (error: Error) => void;
  readonly engine: () => IdentifiedEngine;
}

export class ResourceFeed {
  readonly #hooks: ResourceFeedHooks;
  readonly #monitor: ResourceMonitor | null;
  /** What a message leads to at once is collected: it belongs to that message. */
  #collected: AuditEvent[] | null = null;

  /** @throws TypeError, RangeError naming the option of `resources` that is wrong */
  constructor({ docker, resources }: WatchSettings, hooks: ResourceFeedHooks) {
    this.#hooks = hooks;
    this.#monitor =
      resources === false
        ? null
        : new ResourceMonitor({
            docker,
            options: resources,
            warn: hooks.warn,
            engineTime: () => dateOfNano(hooks.engine().clock()).getTime(),
            emit: (event) => {
              if (this.#collected !== null) this.#collected.push(event);
              else hooks.emit(this.#withEngine(event, null));
            },
          });
  }

  /** Null where resources are not watched. */
  stats(): ResourceStats | null {
    return this.#monitor?.stats() ?? null;
  }

  /** Gives back the events that follow from a message at once, each always in the same place. */
  message(message: EngineMessage, inventory: Inventory): readonly AuditEvent[] {
    if (this.#monitor === null || message.type !== 'container') return [];
    this.#collected = [];
    this.#tell(this.#monitor, message, inventory.get(message.id));
    const events = this.#collected;
    this.#collected = null;
    return events.map((event) => this.#withEngine(event, message));
  }

  /**
   * What runs, and what does not, whoever told of it. A list is older than the messages that came after it: what it says
   * counts where the inventory, which has both, says the same. Else a message has told, or is on its way.
   */
  listed({ facts }: Listing, inventory: Inventory): void {
    this.#monitor?.retain((id) => inventory.get(id) !== undefined);
    for (const [id, { container, state, limits }] of facts) {
      const known = inventory.get(id);
      if (known === undefined || known.running !== state.running) continue;
      if (state.running && state.startedAt !== null) {
        const startedAt = dateOfNano(state.startedAt);
        this.#monitor?.containerStarted({ container, startedAt, memoryLimit: limits.memory });
      } else if (!state.running) {
        const at = state.finishedAt === null ? undefined : dateOfNano(state.finishedAt);
        this.#monitor?.containerEnded(id, { at });
      }
      this.#monitor?.containerRenamed(id, known.name);
    }
  }

  /** Another engine answers from now on. */
  leave(): void {
    this.#monitor?.leave();
  }

  /** What follows from events that reconciliation made: OOM kills whose messages were missed. */
  reconciled(events: readonly AuditEvent[], inventory: Inventory): readonly AuditEvent[] {
    if (this.#monitor === null) return [];
    return events.flatMap((event) => {
      const known = inventory.get(event.resource.id);
      // Told already by its own message: only the end was missed.
      if (known?.oomKilled) return [];
      const { engine } = event.data ?? {};
      return missedOomKill(event, known?.facts?.limits.memory).map((violation) => ({
        ...violation,
        data: { ...violation.data, engine },
      }));
    });
  }

  async stop(): Promise<void> {
    await this.#monitor?.stop();
  }

  #tell(monitor: ResourceMonitor, message: EngineMessage, known: KnownContainer | undefined): void {
    const { id, action, timeNano, attributes } = message;
    const at = dateOfNano(timeNano);
    switch (action) {
      case 'start':
        if (known === undefined) return;
        monitor.containerStarted({
          container: labelled(known, attributes),
          startedAt: at,
          memoryLimit: known.facts?.limits.memory,
        });
        return;
      case 'oom':
        monitor.oom(id, at);
        return;
      case 'die':
        monitor.containerEnded(id, { at });
        return;
      case 'destroy':
        monitor.containerRemoved(id);
        return;
      case 'rename':
        monitor.containerRenamed(id, attributes.name ?? '');
    }
  }

  #withEngine(event: AuditEvent, message: EngineMessage | null): AuditEvent {
    const { key: id, name } = this.#hooks.engine();
    const engine: EngineData = {
      id,
      name,
      seenBy: message === null ? 'sample' : 'event',
      ...(message !== null && { timeNano: formatNano(message.timeNano) }),
    };
    return { ...event, data: { ...event.data, engine } };
  }
}

/** Labels may carry limits. Where it was not inspected yet, its message has them among its attributes. */
function labelled(known: KnownContainer, attributes: EngineMessage['attributes']): ContainerRef {
  return { ...containerRef(known), labels: known.facts?.labels ?? attributes };
}
