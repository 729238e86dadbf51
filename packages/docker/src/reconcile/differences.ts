// What lists and inspections show that is not in the log. A fact is missing where the engine's own time of it is
// later than the newest message of its kind: the engine sets the time first and sends the message then.
import type { Inventory, KnownContainer } from '../cursor/inventory.ts';
import type { ContainerFacts } from '../inspect/facts.ts';
import type { Listing } from './listing.ts';

export type DifferenceKind =
  | 'create'
  | 'inspect'
  | 'rename'
  | 'update'
  | 'start'
  | 'die'
  | 'pause'
  | 'unpause'
  | 'health'
  | 'destroy';

export interface Difference {
  readonly kind: DifferenceKind;
  readonly id: string;
  /** When it happened by the engine's clock; null where it does not tell. */
  readonly at: bigint | null;
  /** Null for `destroy`. */
  readonly facts: ContainerFacts | null;
}

/** The same difference, found again. */
export function differenceKey({ kind, id, at, facts }: Difference): string {
  const detail =
    kind === 'rename'
      ? facts?.container.name
      : kind === 'update'
        ? JSON.stringify([facts?.limits, facts?.restartPolicy])
        : kind === 'health'
          ? facts?.state.health
          : '';
  return `${kind}/${id}/${at ?? ''}/${detail}`;
}

/** In the order in which they happened, as far as that can be told. */
export function differences(listing: Listing, inventory: Inventory): Difference[] {
  const found: Difference[] = [];
  for (const [id, facts] of listing.facts) found.push(...ofContainer(id, facts, inventory.get(id)));
  for (const { id } of inventory.all()) {
    if (!listing.ids.has(id)) found.push({ kind: 'destroy', id, at: null, facts: null });
  }
  return found;
}

function* ofContainer(
  id: string,
  facts: ContainerFacts,
  known: KnownContainer | undefined,
): Generator<Difference> {
  const { state, container } = facts;
  const of = (kind: DifferenceKind, at: bigint | null): Difference => ({ kind, id, at, facts });
  if (!known?.created) yield of('create', state.created);
  else {
    if (!known.inspected) yield of('inspect', null);
    if (known.name !== '' && known.name !== container.name) yield of('rename', null);
    if (known.facts !== null && isUpdated(facts, known.facts)) yield of('update', null);
  }
  yield* ofLife(of, facts, known);
  if (state.running && state.paused !== (known?.paused ?? false))
    yield of(state.paused ? 'pause' : 'unpause', null);
  // `starting` is no message of the engine.
  if (state.running && state.health !== null && state.health !== 'starting' && state.health !== 'none') {
    if (known?.health !== state.health) yield of('health', null);
  }
}

/**
 * A running container may have ended before it was started again. One that is not has ended last, also where the
 * times say otherwise: a container can be over before the engine notes that it was started.
 */
function* ofLife(
  of: (kind: DifferenceKind, at: bigint | null) => Difference,
  { state }: ContainerFacts,
  known: KnownContainer | undefined,
): Generator<Difference> {
  const { startedAt, finishedAt } = state;
  const started = startedAt !== null && startedAt > (known?.lastStart ?? 0n);
  // An engine that was killed may tell a later end of a life whose end is in the log: it had not written it down.
  const lived = started || known === undefined || known.running;
  const died = lived && finishedAt !== null && finishedAt > (known?.lastDie ?? 0n);
  const diedFirst = died && started && state.running;
  if (diedFirst) yield of('die', finishedAt);
  if (started) yield of('start', startedAt);
  if (died && !diedFirst) yield of('die', finishedAt);
}

function isUpdated(now: ContainerFacts, before: NonNullable<KnownContainer['facts']>): boolean {
  const { limits, restartPolicy } = now;
  return (
    restartPolicy !== before.restartPolicy ||
    limits.memory !== before.limits.memory ||
    limits.cpus !== before.limits.cpus ||
    limits.pids !== before.limits.pids
  );
}
