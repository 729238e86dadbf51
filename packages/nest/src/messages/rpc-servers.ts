// NestJS 11 has nothing before the guards of a microservice but its servers, which hand the messages out.
import type { ModulesContainer } from '@nestjs/core';
import type { MessageCalls } from './message-scope.ts';
import { receive } from './receive.ts';

type Handler = (...args: unknown[]) => unknown;

/** What every server of @nestjs/microservices has, and a custom strategy that extends one. */
interface RpcServer {
  addHandler?(pattern: unknown, handler: Handler, ...rest: unknown[]): void;
}

/** Has each server of this application run its handlers in the context of their message. */
export function followServers(modules: ModulesContainer, calls: MessageCalls): void {
  modules.getRpcTargetRegistry<RpcServer>().subscribe((server) => {
    const { addHandler } = server;
    if (typeof addHandler !== 'function') return;
    // Handlers are added after the server is registered.
    server.addHandler = (pattern, handler, ...rest) =>
      addHandler.call(server, pattern, audited(handler, calls), ...rest);
  });
}

/** A proxy, for Nest keeps on a handler what it is, and the next one of its event. */
function audited(handler: Handler, calls: MessageCalls): Handler {
  return new Proxy(handler, {
    apply: (target, self, args) => receive(calls, () => Reflect.apply(target, self, args)),
  });
}
