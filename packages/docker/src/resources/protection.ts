// Which containers are never acted on, whatever they use up.
import { hostname } from 'node:os';
import type { ContainerRef } from '@audit/core';

/** The engine names a container's host by the first twelve digits of its id, unless it is told otherwise. */
const OWN_ID = /^[0-9a-f]{12}$/;

/**
 * A test by names (`*` stands for any characters) and ids. The container this process runs in always passes it: a
 * watcher that stops itself watches nothing.
 */
export function createProtection(
  names: readonly string[],
  host: string = hostname(),
): (container: ContainerRef) => boolean {
  const patterns = names.map((name) => new RegExp(`^${name.split('*').map(literal).join('.*')}$`, 's'));
  const own = OWN_ID.test(host) ? host : undefined;
  return ({ id, name }) => {
    if (own !== undefined && id.startsWith(own)) return true;
    return patterns.some((pattern) => pattern.test(id) || (name !== undefined && pattern.test(name)));
  };
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
