// NestJS 11 gives gateways no global guards and interceptors: each gets its own. Imports nothing of @nestjs/websockets.
import 'reflect-metadata';
import type { CanActivate, NestInterceptor } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { messageScope } from './message-scope.ts';

/** Metadata of `@WebSocketGateway()`, `@UseGuards()` and `@UseInterceptors()`. */
const GATEWAY_METADATA = 'websockets:is_gateway';
const GUARDS_METADATA = '__guards__';
const INTERCEPTORS_METADATA = '__interceptors__';

/** Of no application: the same classes may serve several in one process, and a message knows its own. */
const guard: CanActivate = {
  canActivate(context) {
    messageScope()?.calls.foresee(context);
    return true;
  },
};
const interceptor: NestInterceptor = {
  intercept: (context, next) => messageScope()?.calls.intercept(context, next) ?? next.handle(),
};

/** As `@UseGuards()` and `@UseInterceptors()` before all others; while modules are constructed, and so before use. */
export function enhanceGateways(modules: ModulesContainer): void {
  for (const { providers } of modules.values()) {
    for (const { metatype } of providers.values()) {
      if (typeof metatype !== 'function' || !Reflect.hasMetadata(GATEWAY_METADATA, metatype)) continue;
      prepend(GUARDS_METADATA, guard, metatype);
      prepend(INTERCEPTORS_METADATA, interceptor, metatype);
    }
  }
}

function prepend(key: string, enhancer: object, gateway: object): void {
  const present = (Reflect.getMetadata(key, gateway) ?? []) as readonly unknown[];
  if (!present.includes(enhancer)) Reflect.defineMetadata(key, [enhancer, ...present], gateway);
}
