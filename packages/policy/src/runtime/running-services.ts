// The services of one log, while it is open: started in order, stopped in the reverse, whatever fails.
import type { Policy } from '../parse.ts';
import type { PolicyService, RunningService, ServiceContext } from './service.ts';

interface Started {
  readonly service: PolicyService;
  readonly running: RunningService;
}

export class RunningServices {
  readonly #started: readonly Started[];

  private constructor(started: readonly Started[]) {
    this.#started = started;
  }

  /** Where one does not start, those before it are stopped again. */
  static async start(services: readonly PolicyService[], context: ServiceContext): Promise<RunningServices> {
    const started: Started[] = [];
    try {
      for (const service of services) {
        const running = await service.start(context);
        if (running !== null) started.push({ service, running });
      }
    } catch (error) {
      await new RunningServices(started).stop().catch(() => {}); // the first failure is the one to tell
      throw error;
    }
    return new RunningServices(started);
  }

  /** Sections that a reload reaches. */
  get reloadable(): readonly string[] {
    return this.#started.flatMap(({ service, running }) => (running.reload ? service.sections : []));
  }

  /** Hands a policy to those that act on one of these sections. */
  async reload(policy: Policy, sections: ReadonlySet<string>): Promise<void> {
    for (const { service, running } of this.#started) {
      if (service.sections.some((section) => sections.has(section))) await running.reload?.(policy);
    }
  }

  status(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#started.map(({ service, running }) => [service.name, running.status()]));
  }

  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (const { running } of [...this.#started].reverse()) {
      await running.stop().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}
