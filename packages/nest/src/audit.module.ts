// The module: puts the pieces in their places when the application starts.
import type { Server } from 'node:http';
import {
  Inject,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  type OnModuleInit,
  Optional,
  RequestMethod,
} from '@nestjs/common';
import { ApplicationConfig, ExternalContextCreator, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { AUDIT_NAME } from './audit.constants.ts';
import { ConfigurableModuleClass } from './audit.module-definition.ts';
import { AuditService } from './audit.service.ts';
import { AuditCalls } from './calls/audit-calls.ts';
import { followResolvers } from './graphql/follow-resolvers.ts';
import { HttpTraffic } from './http/http-traffic.ts';
import { auditedAdapter } from './messages/audited-ws-adapter.ts';
import { enhanceGateways } from './messages/gateway-enhancers.ts';
import { hookMessages } from './messages/rpc-hook.ts';
import { followServers } from './messages/rpc-servers.ts';

/**
 * Records every HTTP exchange and every message of the application, and what `@Audit()` says of handlers. Import it
 * in the root module, before the others: its guard and interceptor are to come first.
 *
 * With a `name` it is a further log, and records nothing by itself.
 *
 * @publicApi
 */
@Module({})
export class AuditModule extends ConfigurableModuleClass implements NestModule, OnModuleInit {
  readonly #traffic: HttpTraffic | undefined;
  readonly #calls: AuditCalls | undefined;
  readonly #host: HttpAdapterHost;
  readonly #config: ApplicationConfig;

  constructor(
    @Inject(AuditService) service: AuditService,
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
    @Inject(ApplicationConfig) config: ApplicationConfig,
    @Inject(AUDIT_NAME) name: string | null,
    // A named module has none of its own, and sees that of the unnamed one, if there is any.
    @Optional() @Inject(AuditCalls) calls: AuditCalls | undefined,
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Inject(ExternalContextCreator) creator: ExternalContextCreator,
  ) {
    super();
    this.#host = host;
    this.#config = config;
    if (name !== null || calls === undefined) return;
    this.#traffic = new HttpTraffic(service.recorder);
    // Now rather than in configure(): the body parser and what main.ts mounts come in between.
    this.#traffic.mount(host.httpAdapter);
    this.#calls = calls;
    followResolvers(creator, calls);
    if (hookMessages(config, calls)) return;
    followServers(modules, calls);
    enhanceGateways(modules);
  }

  /** Called for applications with an HTTP server only. */
  configure(consumer: MiddlewareConsumer): void {
    if (this.#traffic === undefined) return;
    const { httpAdapter } = this.#host;
    this.#traffic.mount(httpAdapter);
    this.#traffic.attach(httpAdapter.getHttpServer() as Server);
    if (this.#traffic.remount(httpAdapter)) return;
    // Without its leading slash the pattern holds for the root of a global prefix, too.
    const everything = { path: '{/*splat}', method: RequestMethod.ALL };
    const excluded = this.#config.getGlobalPrefixOptions().exclude ?? [];
    const others = excluded.map(({ path, requestMethod }) => ({ path, method: requestMethod }));
    consumer.apply(this.#traffic.enter).forRoutes(everything, ...others);
  }

  /** After `main.ts` has chosen the adapter, before the first client can connect. */
  onModuleInit(): void {
    const adapter = this.#calls && this.#config.getIoAdapter();
    if (this.#calls && adapter) this.#config.setIoAdapter(auditedAdapter(adapter, this.#calls));
  }
}
