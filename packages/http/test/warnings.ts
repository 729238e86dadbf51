// Collects the process warnings of the adapters while a test runs.
import { onTestFinished } from 'vitest';

export function warnings(): readonly (Error & { readonly code?: string })[] {
  const seen: Error[] = [];
  const listener = (warning: Error) => {
    if (warning.name === 'AuditWarning') seen.push(warning);
  };
  process.on('warning', listener);
  onTestFinished(() => void process.off('warning', listener));
  return seen;
}
