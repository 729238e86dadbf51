// What `AuditModule.forRoot()` takes. Types only.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Actor, AuditLog, AuditLogOptions } from '@audit/core';
import type { HttpOptions } from '@audit/http';
import type { ExecutionContext } from '@nestjs/common';

/**
 * Options of `AuditModule`, all with production defaults: those every HTTP adapter has, over whatever Nest calls
 * the request (`Request` of Express, `FastifyRequest`), and what only Nest has.
 */
export interface AuditModuleOptions<Request = IncomingMessage, Response = ServerResponse>
  extends Omit<HttpOptions, 'log' | 'actor' | 'skip'> {
  /**
   * The log to record in: an open one, which the application closes; or the options of one, which the module
   * opens, and closes on shutdown. Default: `getAuditLog()`, looked up for each event.
   */
  readonly log?: AuditLog | AuditLogOptions;
  /**
   * Who is asking, read whenever something is recorded, so it may use what guards leave on the request.
   * `request.audit.actor = …` wins over it.
   */
  readonly actor?: (request: Request) => Actor | null | undefined;
  /** Who sent a message, for microservices and gateways; read likewise. Default: anonymous. */
  readonly messageActor?: (context: ExecutionContext) => Actor | null | undefined;
  /** True for an HTTP exchange that is not to be recorded; asked once it is over. */
  readonly skip?: (request: Request, response: Response) => boolean;
}

/** For `forRootAsync({ useClass })` and `useExisting`. */
export interface AuditOptionsFactory {
  createAuditOptions(): AuditModuleOptions | Promise<AuditModuleOptions>;
}

/** What is said beside the options, because Nest must know it before they are there. */
export interface AuditModuleExtras {
  /** Makes `AuditService` available without importing the module again. Default true. */
  readonly isGlobal?: boolean;
  /** A further log: injected by `@InjectAudit(name)`, written by `@Audit({ log: name })`. It records no traffic. */
  readonly name?: string;
}
