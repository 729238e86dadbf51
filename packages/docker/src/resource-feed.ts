// Tells the resource monitor what happens to containers, and takes what it finds.
import type { AuditEvent } from '@audit/core';
import type { Inventory } from './cursor/inventory.ts';
import type { WatchSettings } from './options.ts';
import type { Listing } from './reconcile/listing.ts';
import type { EngineMessage } from './stream/message.ts';

export interface ResourceFeedHooks {
  readonly emit: (event: AuditEvent) => void;
  readonly warn: (error: Error) => void;
}

export class ResourceFeed {
  constructor(_settings: WatchSettings, _hooks: ResourceFeedHooks) {}

  /** What follows from a message at once. */
  message(_message: EngineMessage, _inventory: Inventory): readonly AuditEvent[] {
    return [];
  }

  /** What runs, whoever told of it. */
  listed(_listing: Listing): void {}

  async stop(): Promise<void> {}
}
