// Facts without what the environment of their container keeps secret: a command or a label repeats it now and then.
import { type JsonObject, toJson } from '@audit/core';
import { createRedactor } from '@audit/core/internal';
import type { ContainerFacts } from './facts.ts';

/** The log applies its own rules, which may be stricter, later on; but it does not see values that are not recorded. */
const redactor = createRedactor();

/** @param environment names and values, as the engine tells them */
export function masked(facts: ContainerFacts, environment: readonly string[]): ContainerFacts {
  const { container, data } = facts;
  const repeating = { command: data.command, labels: container.labels };
  const parts = toJson({ data: { environment, repeating } }) as JsonObject;
  const clean = (redactor.redact(parts).event.data as JsonObject).repeating as unknown as typeof repeating;
  return {
    ...facts,
    container: { ...container, labels: clean.labels },
    data: { ...data, command: clean.command },
  };
}
