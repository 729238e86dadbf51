// What a resolver is called with, as Nest tells guards of it. Knows graphql by the shape of its arguments alone.
import type { ContextType, ExecutionContext, Type } from '@nestjs/common';

/**
 * The `ExecutionContext` of a resolver's call, made where Nest has none yet, or (for a field without enhancers)
 * makes none.
 */
export class ResolverContext implements ExecutionContext {
  readonly #args: readonly unknown[];
  readonly #class: Type;
  readonly #handler: () => unknown;

  constructor(args: readonly unknown[], controller: Type, handler: () => unknown) {
    this.#args = args;
    this.#class = controller;
    this.#handler = handler;
  }

  getClass<T>(): Type<T> {
    return this.#class;
  }
  getHandler(): () => unknown {
    return this.#handler;
  }
  getArgs<T extends unknown[]>(): T {
    return this.#args as T;
  }
  getArgByIndex<T>(index: number): T {
    return this.#args[index] as T;
  }
  getType<T extends string = ContextType>(): T {
    return 'graphql' as T;
  }
  switchToHttp() {
    return this.#as(['getRequest', 'getResponse', 'getNext']);
  }
  switchToRpc() {
    return this.#as(['getData', 'getContext']);
  }
  switchToWs() {
    return this.#as(['getClient', 'getData', 'getPattern']);
  }

  /** As Nest's own does, whatever the context is: the arguments by their place. */
  #as<K extends string>(names: readonly K[]): Record<K, <T>() => T> {
    return Object.fromEntries(
      names.map((name, index) => [name, () => this.getArgByIndex(index)]),
    ) as unknown as Record<K, <T>() => T>;
  }
}

/** The few members of graphql's `GraphQLResolveInfo` that are read here. */
export interface ResolveInfo {
  readonly fieldName?: string;
  readonly parentType?: { readonly name?: string };
  readonly operation?: { readonly operation?: string; readonly name?: { readonly value?: string } };
  readonly path?: ResponsePath;
}
interface ResponsePath {
  readonly key: string | number;
  readonly prev?: ResponsePath | undefined;
}

/** The arguments of a resolver: `(parent, args, context, info)`; of a federated reference, `(reference, context, info)`. */
export function resolverArguments(all: readonly unknown[]): {
  readonly args: Readonly<Record<string, unknown>>;
  readonly shared: unknown;
  readonly info: ResolveInfo;
} {
  const args = (all.length > 3 ? all[1] : all[0]) as Record<string, unknown> | null | undefined;
  return { args: args ?? {}, shared: all.at(-2), info: (all.at(-1) ?? {}) as ResolveInfo };
}

/** What was called, and as part of which operation of the client. */
export function operationOf(info: ResolveInfo): Readonly<Record<string, string | undefined>> {
  return {
    type: info.operation?.operation,
    name: info.operation?.name?.value,
    field: `${info.parentType?.name ?? 'unknown'}.${info.fieldName ?? 'unknown'}`,
    path: pathOf(info.path),
  };
}

/** `orders.0.total`: where in the answer it stands, by the client's aliases. */
function pathOf(path: ResponsePath | undefined): string | undefined {
  const keys: (string | number)[] = [];
  for (let at = path; at !== undefined; at = at.prev) keys.unshift(at.key);
  return keys.length === 0 ? undefined : keys.join('.');
}
