// Calls of tools that a model asks for, put together from parts: name and id in one, arguments in many.
import { isMembers } from '../members.ts';
import type { ToolCall } from './answer.ts';
import { BoundedText } from './bounded-text.ts';

/** A model that asks for more than so many is not followed. */
const MOST = 128;

interface Part {
  readonly name?: string | undefined;
  readonly id?: string | undefined;
  /** A text is a part of the arguments; anything else is all of them. */
  readonly arguments?: unknown;
}

export class ToolCalls {
  readonly #calls = new Map<unknown, { name?: string; id?: string; readonly text: BoundedText }>();

  /** @param key what tells one call of an answer from the others */
  add(key: unknown, { name, id, arguments: given }: Part): void {
    let call = this.#calls.get(key);
    if (call === undefined) {
      if (this.#calls.size >= MOST) return;
      call = { text: new BoundedText() };
      this.#calls.set(key, call);
    }
    if (name !== undefined) call.name = name;
    if (id !== undefined) call.id = id;
    call.text.add(isMembers(given) || Array.isArray(given) ? JSON.stringify(given) : given);
  }

  get all(): readonly ToolCall[] | undefined {
    if (this.#calls.size === 0) return undefined;
    return [...this.#calls.values()].map(({ name = 'unknown', id, text }) => ({
      name,
      id,
      arguments: text.text,
    }));
  }
}
