// forRoot() and forRootAsync(), made by Nest's own builder. May import @nestjs/core.
import { ConfigurableModuleBuilder, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { AUDIT_NAME, AUDIT_OPTIONS, AUDIT_PLAIN_ROUTES } from './audit.constants.ts';
import { AuditGuard } from './audit.guard.ts';
import { AuditHealthIndicator } from './audit.health.ts';
import { AuditInterceptor } from './audit.interceptor.ts';
import { moduleLogProvider } from './audit.log.ts';
import { getAuditToken } from './audit.providers.ts';
import { AuditService } from './audit.service.ts';
import type { AuditModuleExtras, AuditModuleOptions } from './audit-module-options.interface.ts';
import { AuditCalls } from './calls/audit-calls.ts';
import { shortenPlainRoutes } from './http/plain-routes.ts';

const EXTRAS: AuditModuleExtras = { isGlobal: true };

export const { ConfigurableModuleClass, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  // biome-ignore lint/suspicious/noExplicitAny: stands for whatever request and response the application's framework has.
  new ConfigurableModuleBuilder<AuditModuleOptions<any, any>>({ optionsInjectionToken: AUDIT_OPTIONS })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createAuditOptions')
    .setExtras(EXTRAS, complete)
    .build();

function complete(definition: DynamicModule, { isGlobal, name }: AuditModuleExtras): DynamicModule {
  const token = getAuditToken(name);
  return {
    ...definition,
    global: isGlobal ?? true,
    providers: [
      ...(definition.providers ?? []),
      { provide: AUDIT_NAME, useValue: name ?? null },
      moduleLogProvider,
      AuditService,
      ...(name === undefined ? traffic : [{ provide: token, useExisting: AuditService }]),
    ],
    // AuditCalls is what AuditGuard and AuditInterceptor need where a gateway uses them by itself.
    exports: name === undefined ? [AuditService, AuditHealthIndicator, AuditCalls] : [token],
  };
}

/** What only the unnamed log has. */
const traffic: Provider[] = [
  AuditCalls,
  AuditHealthIndicator,
  { provide: APP_GUARD, useClass: AuditGuard },
  { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
  // Providers are there before the first route is made.
  { provide: AUDIT_PLAIN_ROUTES, useFactory: shortenPlainRoutes },
];
