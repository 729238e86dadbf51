// What every test of GraphQL runs over: the drivers that run on this Node, each on the platforms it is for.
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import type { DynamicModule } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { type AdapterFactory, openService, PLATFORMS, type Service, type ServiceOptions } from './service.ts';

interface Driver {
  readonly adapter: AdapterFactory;
  readonly module: (options?: object) => DynamicModule;
  /** Whether a web socket is routed like a request. */
  readonly socketIsRequest: boolean;
}

const [express, fastify] = PLATFORMS;
if (express === undefined || fastify === undefined) throw new Error('two platforms are wanted');

const apollo = (options: object = {}) =>
  GraphQLModule.forRoot<ApolloDriverConfig>({
    driver: ApolloDriver,
    playground: false,
    allowBatchedHttpRequests: true,
    subscriptions: { 'graphql-ws': true },
    ...options,
  });
const mercurius = (options: object = {}) =>
  GraphQLModule.forRoot<MercuriusDriverConfig>({
    driver: MercuriusDriver,
    allowBatchedQueries: true,
    subscription: { fullWsTransport: true },
    ...options,
  });

export const DRIVERS: readonly (readonly [string, Driver])[] = [
  [`${express[0]}, Apollo`, { adapter: express[1], module: apollo, socketIsRequest: false }],
  [`${fastify[0]}, Apollo`, { adapter: fastify[1], module: apollo, socketIsRequest: false }],
  [`${fastify[0]}, Mercurius`, { adapter: fastify[1], module: mercurius, socketIsRequest: true }],
];

export interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string }[];
}

export interface GraphqlService extends Service {
  /** Sends one operation, or a batch of them. */
  ask(query: string, headers?: Record<string, string>): Promise<Answer>;
  batch(queries: readonly string[]): Promise<readonly Answer[]>;
}

export async function openGraphql(
  { adapter, module }: Driver,
  options: ServiceOptions & { readonly graphql: { readonly typeDefs: string } },
): Promise<GraphqlService> {
  const { graphql, imports = [], ...rest } = options;
  const service = await openService(adapter, { ...rest, imports: [module(graphql), ...imports] });
  const post = async (body: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${service.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
    return response.json();
  };
  return Object.assign(service, {
    ask: (query: string, headers?: Record<string, string>) => post({ query }, headers) as Promise<Answer>,
    batch: (queries: readonly string[]) =>
      post(queries.map((query) => ({ query }))) as Promise<readonly Answer[]>,
  });
}
