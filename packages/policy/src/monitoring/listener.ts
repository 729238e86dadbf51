// Telling a listener of the application: what it throws harms nobody, and is seen as a warning of the process.

export function tellQuietly<T>(listener: ((event: T) => unknown) | undefined, event: T): void {
  try {
    const result = listener?.(event);
    if (result instanceof Promise) result.catch(warn);
  } catch (error) {
    warn(error);
  }
}

function warn(error: unknown): void {
  process.emitWarning(`A listener of the audit policy threw: ${(error as Error)?.stack ?? String(error)}`);
}
