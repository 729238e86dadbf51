// A folder with a log in it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditLog, type AuditLogOptions, openAuditLog, verifyDirectory } from '@audit/core';
import { expect } from 'vitest';
import { ORIGIN } from '../effects/logs.ts';

export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'audit-policy-'));

  get directory(): string {
    return this.path('log');
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  open(options: Partial<AuditLogOptions> = {}): Promise<AuditLog> {
    return openAuditLog({ directory: this.directory, origin: ORIGIN, onKeyCreated: () => {}, ...options });
  }

  /** Closes the log, and verifies what is left of it. */
  async closeIntact(log: AuditLog): Promise<void> {
    await log.close();
    const { location } = log.info();
    expect((await verifyDirectory(location)).verdict).toBe('intact');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
