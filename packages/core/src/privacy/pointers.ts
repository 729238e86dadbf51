// JSON Pointers of a privacy rule (RFC 6901, with `*` for any one token), compiled to a tree of tokens.
import type { Treatment } from './way.ts';

/** The fields of an event a pointer may lead into. */
export const REDACTABLE: readonly string[] = ['operation', 'resource', 'actor', 'trace', 'error', 'data'];

export interface PointerTree {
  /** A pointer ends here: what its rule does with the value. */
  end: Treatment | undefined;
  readonly next: Map<string, PointerTree>;
}

/** The places one step leads to; none where no pointer goes on there. */
export type Places = readonly PointerTree[];
export const NOWHERE: Places = [];

/** @throws RangeError for what is no pointer, or leads to a field that privacy does not touch */
export function compilePointers(
  pointers: readonly { readonly pointer: string; readonly treatment: Treatment }[],
): Places {
  if (pointers.length === 0) return NOWHERE;
  const root = tree();
  for (const { pointer, treatment } of pointers) {
    const [empty, ...tokens] = pointer.split('/');
    if (empty !== '' || tokens.length === 0) {
      throw new RangeError(`privacy.pointers: "${pointer}" is no JSON Pointer; it must begin with "/"`);
    }
    if (!REDACTABLE.includes(tokens[0] as string)) {
      throw new RangeError(`privacy.pointers: "${pointer}" must lead into ${REDACTABLE.join(', ')}`);
    }
    let at = root;
    for (const token of tokens) {
      const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
      let next = at.next.get(key);
      if (next === undefined) {
        next = tree();
        at.next.set(key, next);
      }
      at = next;
    }
    at.end ??= treatment;
  }
  return [root];
}

/** Where the pointers that lead to a container go on for one of its members. */
export function step(places: Places, key: string): Places {
  if (places.length === 0) return NOWHERE;
  const out: PointerTree[] = [];
  for (const { next } of places) {
    const exact = next.get(key);
    if (exact !== undefined) out.push(exact);
    const any = key === '*' ? undefined : next.get('*');
    if (any !== undefined) out.push(any);
  }
  return out;
}

/** What is done where a pointer ends; undefined where none does. */
export function endOf(places: Places): Treatment | undefined {
  return places.length === 0 ? undefined : places.find(({ end }) => end !== undefined)?.end;
}

function tree(): PointerTree {
  return { end: undefined, next: new Map() };
}
