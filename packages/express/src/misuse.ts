// The mistake everybody makes once: `app.use(auditExpress)`. Imports nothing.

/**
 * @param name the factory's name
 * @param first what it was called with first: a request where Express called the factory itself
 * @throws TypeError with the line that mends it
 */
export function refuseUncalled(name: string, first: unknown): void {
  const request = first as { readonly method?: unknown; readonly headers?: unknown } | null | undefined;
  if (typeof request?.method === 'string' && typeof request.headers === 'object') {
    throw new TypeError(
      `${name} makes a middleware and is not one itself: write app.use(${name}()), not app.use(${name}).`,
    );
  }
}
