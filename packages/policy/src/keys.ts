// Every key a policy can have, found by walking its schema.
import { policyJsonSchema } from './schema.ts';

/** A key as the path to it; `*` stands for a name of the user's own. */
export type KeyPath = readonly string[];

interface Node {
  readonly anyOf?: readonly Node[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly description?: string;
  readonly default?: unknown;
}

/** A key that is set, as opposed to a section, which only holds others. */
export interface PolicyKey {
  readonly path: KeyPath;
  readonly description: string;
  /** The default as it is written in the file; undefined where it is no fixed value. */
  readonly default: unknown;
}

// The schema never changes, and each policy that is read asks for them.
let known: readonly PolicyKey[] | undefined;

/** All of them, in the order of the schema. */
export function policyKeys(): readonly PolicyKey[] {
  known ??= walkSchema();
  return known;
}

function walkSchema(): readonly PolicyKey[] {
  const keys: PolicyKey[] = [];
  const walk = (node: Node, path: KeyPath): void => {
    const children = childrenOf(node).filter(([, child]) => !isAlsoPlain(child));
    for (const [name, child] of children) walk(child, [...path, name]);
    if (children.length === 0) {
      keys.push({ path, description: node.description ?? '', default: node.default });
    }
  };
  walk(policyJsonSchema() as Node, []);
  return keys;
}

/** The names that can stand below `path`, whatever they hold. */
export function namesBelow(path: readonly string[]): readonly string[] {
  let node: Node | undefined = policyJsonSchema() as Node;
  for (const step of path) {
    const children: ReadonlyMap<string, Node> = new Map(node === undefined ? [] : childrenOf(node));
    node = children.get(step) ?? children.get('*') ?? itemsOf(node);
  }
  return node === undefined ? [] : childrenOf(node).map(([name]) => name);
}

/** What an item of a list can be. */
function itemsOf(node: Node | undefined): Node | undefined {
  return [node, ...(node?.anyOf ?? [])].find((option) => option?.items !== undefined)?.items;
}

/** Something that can be written as a map or without one, such as a pattern of privacy, belongs to the key it is in. */
function isAlsoPlain({ anyOf = [] }: Node): boolean {
  return anyOf.some(({ properties }) => properties !== undefined) && childrenOf(anyOf[0]!).length === 0;
}

/** Sections only: a map of plain values is one key. */
function childrenOf(node: Node): readonly (readonly [string, Node])[] {
  const options = node.anyOf ?? [node];
  return options.flatMap(({ properties, additionalProperties }): readonly (readonly [string, Node])[] => {
    if (properties !== undefined) return Object.entries(properties);
    const each = typeof additionalProperties === 'object' ? additionalProperties : undefined;
    return each !== undefined && childrenOf(each).length > 0 ? [['*', each]] : [];
  });
}
