// Tests that are skipped for want of an engine are told: how many, and why there is none.
import type { Reporter, TestModule, Vitest } from 'vitest/node';

export class SkippedAloud implements Reporter {
  #vitest: Vitest | null = null;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const why = this.#vitest?.projects[0]?.getProvidedContext().whyNoEngine ?? null;
    let skipped = 0;
    for (const module of modules) for (const _test of module.children.allTests('skipped')) skipped++;
    if (why !== null) console.log(`Skipped without a Docker engine: ${skipped} tests; ${why}.`);
  }
}
