// The state of the log as @nestjs/terminus wants to hear it, without needing @nestjs/terminus.
import type { LogHealth } from '@audit/core';
import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from './audit.service.ts';

/** What a health indicator answers: terminus' `HealthIndicatorResult`. */
export type AuditHealthResult<Key extends string = 'audit'> = Record<
  Key,
  { readonly status: 'up' | 'down' } & AuditHealthDetails
>;

export interface AuditHealthDetails {
  /** The log's own word: `degraded` still records, and says why. */
  readonly log: LogHealth['status'] | 'unset';
  readonly reasons: readonly string[];
  readonly queued: number;
  readonly lost: Readonly<Record<string, number>>;
}

/**
 * Up while the log records, `degraded` included; down once it is stopped or closed, or where there is none:
 *
 * ```ts
 * @Get() @HealthCheck()
 * check() { return this.health.check([() => this.auditHealth.isHealthy()]); }
 * ```
 *
 * @publicApi
 */
@Injectable()
export class AuditHealthIndicator {
  readonly #service: AuditService;

  constructor(@Inject(AuditService) service: AuditService) {
    this.#service = service;
  }

  /** @param service of a named log, where it is not the unnamed one that is asked after */
  isHealthy<Key extends string = 'audit'>(
    key: Key = 'audit' as Key,
    service: AuditService = this.#service,
  ): AuditHealthResult<Key> {
    return { [key]: describe(service) } as AuditHealthResult<Key>;
  }
}

function describe(service: AuditService): { readonly status: 'up' | 'down' } & AuditHealthDetails {
  let health: LogHealth;
  try {
    health = service.health();
  } catch (error) {
    return { status: 'down', log: 'unset', reasons: [(error as Error).message], queued: 0, lost: {} };
  }
  const { status, reasons, queued, lost } = health;
  const up = status === 'ok' || status === 'degraded';
  return { status: up ? 'up' : 'down', log: status, reasons, queued: queued.events, lost };
}
