// The attributes of a container's message. The engine copies the container's labels over its own attributes, so a
// label named `exitCode` stands where the exit code would (moby: daemon/events.go, LogContainerEventWithAttributes;
// `image` and `name` are set after the labels).
import type { KnownContainer } from '../cursor/inventory.ts';
import type { EngineMessage } from '../stream/message.ts';

/** The attribute; undefined where there is none, or where a label hides it. */
export function attribute(
  { attributes }: EngineMessage,
  name: string,
  known: KnownContainer | undefined,
): string | undefined {
  return isHidden(name, known) ? undefined : attributes[name];
}

/** A label of the container has this name. */
export function isHidden(name: string, known: KnownContainer | undefined): boolean {
  return known?.facts != null && Object.hasOwn(known.facts.labels, name);
}
