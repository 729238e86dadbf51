// Messages of the engine to the entries they are: each once, whatever comes again.
import type { AuditEvent } from '@audit/core';
import type { Continuity } from './cursor/continuity.ts';
import { type EngineRef, entryId } from './events/provenance.ts';
import { translate } from './events/translate.ts';
import type { ContainerFacts } from './inspect/facts.ts';
import type { Inspection, Inspector } from './inspect/inspector.ts';
import type { ResourceFeed } from './resource-feed.ts';
import { type EngineMessage, messageKey } from './stream/message.ts';
import type { Tally } from './tally.ts';

/** Inspections begun when their message comes; beyond it they wait for their turn. */
const MAX_AHEAD = 256;

/** A message on its way through the queue. */
export interface ReceivedMessage {
  readonly kind: 'message';
  readonly message: EngineMessage;
  /** Number of the connection that brought it. */
  readonly generation: number;
  /** It was asked for, and did not come by the stream. */
  readonly probed: boolean;
  readonly inspection?: Promise<Inspection<ContainerFacts>>;
}

export interface ReaderOptions {
  readonly continuity: Continuity;
  readonly inspector: Inspector;
  readonly resources: ResourceFeed;
  readonly tally: Tally;
  readonly healthProbes: boolean;
  /** Whether objects of this kind become entries. */
  readonly wants: (kind: string) => boolean;
}

export class Reader {
  readonly #options: ReaderOptions;
  #ahead = 0;
  #missedByStream = 0;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Messages that a probe brought and the stream had not. */
  get missedByStream(): number {
    return this.#missedByStream;
  }

  /** A container that is created may be gone a moment later: it is inspected when its message comes. */
  receive(message: EngineMessage, generation: number, probed: boolean): ReceivedMessage {
    const { inspector, continuity } = this.#options;
    const item = { kind: 'message', message, generation, probed } as const;
    const wanted = message.type === 'container' && message.action === 'create';
    if (!wanted || this.#ahead >= MAX_AHEAD || continuity.isKnown(message)) return item;
    this.#ahead++;
    const inspection = inspector.container(message.id).finally(() => {
      this.#ahead--;
    });
    return { ...item, inspection };
  }

  /** The message's own event, if it is one, and those that follow from it for resources. */
  async read(item: ReceivedMessage, engine: EngineRef): Promise<readonly AuditEvent[]> {
    const { continuity, inspector, resources, tally, healthProbes, wants } = this.#options;
    const { message, inspection, probed } = item;
    const { inventory } = continuity;
    const key = messageKey(message);
    if (continuity.hasHandled(key)) {
      tally.repeated++;
      return [];
    }
    if (probed) this.#missedByStream++;
    const recorded = continuity.isRecorded(entryId(engine, key));
    const event = await translate(
      { message, inspection, recorded },
      { engine, inventory, inspector, healthProbes },
    );
    const followed = resources
      .message(message, inventory)
      .map((each, i) => ({ ...each, id: entryId(engine, `${key}/resource/${i}`) }))
      .filter(({ id }) => !continuity.isRecorded(id));
    continuity.handled(message, key);
    if (event === undefined || !wants(message.type)) {
      tally.ignored++;
      return followed;
    }
    if (!recorded) return [event, ...followed];
    tally.repeated++;
    return followed;
  }
}
