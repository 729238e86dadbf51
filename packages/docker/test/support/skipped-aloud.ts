// Tests that are skipped for want of an engine are told: how many, and why there is none.
import type { Reporter, TestModule, Vitest } from 'vitest/node';

export class SkippedAloud implements Reporter {
  #vitest: Vitest | null = null;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const given = process.env.AUDIT_TEST_DOCKER_HOST
      ? 'AUDIT_TEST_DOCKER_HOST names one they must not kill'
      : null;
    const why = this.#vitest?.projects[0]?.getProvidedContext().whyNoEngine ?? given;
    let skipped = 0;
    for (const module of modules) for (const _test of module.children.allTests('skipped')) skipped++;
    if (why !== null && skipped > 0) {
      console.log(`Skipped for want of a Docker engine: ${skipped} tests; ${why}.`);
    }
  }
}
