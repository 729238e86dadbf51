// An execution as `code.execution`: what was to run under which limits, and how it ended.
import { type AuditEvent, codeExecution, type Outcome, type Resource, toJson } from '@audit/core';
import { treat, treated } from '../content/treatment.ts';
import type { ExecutionOptions, Limits, SandboxSettings } from './options.ts';
import type { Ended } from './run.ts';

/** What is run, told before and after. */
export class ExecutionTold {
  readonly #language: string;
  readonly #settings: SandboxSettings;
  readonly #facts: Readonly<Record<string, unknown>>;
  readonly #resource: Resource;

  constructor(
    language: string,
    source: string,
    settings: SandboxSettings,
    options: ExecutionOptions,
    limits: object,
  ) {
    const code = treat(source, settings.code, settings.text);
    this.#language = language;
    this.#settings = settings;
    this.#resource = { type: 'code', id: `sha256:${code.sha256}` };
    this.#facts = {
      ...options.data,
      ...treated('code', source, settings.code, settings.text),
      limits,
      ...(options.securityLevel !== undefined && { securityLevel: options.securityLevel }),
    };
  }

  /** Before it runs: nobody knows how it ends. */
  started(): AuditEvent {
    return this.#event({}, 'unknown');
  }

  /** @param facts besides those known before; `outcome` where they do not say it */
  finished(facts: Readonly<Record<string, unknown>>, outcome?: Outcome, error?: unknown): AuditEvent {
    return this.#event(facts, outcome, error);
  }

  /** Output and values, as the options have them. */
  told(name: string, content: string | Uint8Array): Readonly<Record<string, unknown>> {
    return treated(name, content, this.#settings.result, this.#settings.text);
  }

  #event(facts: Readonly<Record<string, unknown>>, outcome?: Outcome, error?: unknown): AuditEvent {
    const { exitCode, signal, timedOut } = facts as Partial<Ended> & { readonly timedOut?: boolean };
    return codeExecution({
      language: this.#language,
      ...{ exitCode, signal, timedOut },
      resource: this.#resource,
      ...(error !== undefined && { error: errorOf(error) }),
      // Over what the caller adds, whose names may be those of facts.
      data: { ...this.#facts, ...facts, language: this.#language },
      // The constructor knows of exit code, signal and timeout.
      ...(outcome !== undefined && { outcome }),
    });
  }
}

/** The limits in force: none stands for itself as null. */
export function toldLimits({ timeout, killGrace, cpu, memory, addressSpace, output }: Limits): object {
  const held = (value: number) => (value === 0 ? null : value);
  return {
    timeoutMs: held(timeout),
    killGraceMs: killGrace,
    cpuMs: held(cpu),
    memoryBytes: held(memory),
    addressSpaceBytes: held(addressSpace),
    outputBytes: held(output),
  };
}

/** Anything can be thrown. */
function errorOf(error: unknown): Error | { message: string } {
  return error instanceof Error ? error : { message: String(toJson(error)) };
}
