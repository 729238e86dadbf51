// Whether an engine answers, and if not, what to do about it: the sentence a person needs at the first start.
import { userInfo } from 'node:os';
import type { EngineClient } from './engine-clients.ts';

/** Milliseconds an engine is given to answer at the start; the watch itself is patient. */
const ANSWERS_WITHIN = 10_000;

/** Null where the engine answers; else a sentence that says why not, and what to do. */
export async function whyNoAnswer({ docker, location }: EngineClient): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${ANSWERS_WITHIN / 1_000} s`)),
      ANSWERS_WITHIN,
    );
  });
  try {
    await Promise.race([docker.ping(), late]);
    return null;
  } catch (error) {
    return sentenceOf(error as NodeJS.ErrnoException & { readonly statusCode?: number }, location);
  } finally {
    clearTimeout(timer);
  }
}

function sentenceOf(
  { code, message, statusCode }: NodeJS.ErrnoException & { readonly statusCode?: number },
  location: string,
): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `There is no permission on ${location}: run as a user of the socket's group (usually docker), ${userName()} is not.`;
    case 'ENOENT':
      return `There is no engine at ${location}: start it, or name its socket by DOCKER_HOST or integrations.docker.engines.`;
    case 'ECONNREFUSED':
      return `No engine listens at ${location}: start it.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host of ${location} is not known: check the name.`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return `The host of ${location} is not reached (${code}): check the network.`;
    case 'EPROTO':
    case 'ECONNRESET':
      return `${location} ended the connection (${message}): does it expect TLS, or a certificate?`;
  }
  if (code?.startsWith('ERR_TLS') || /certificate|self.signed/i.test(`${code} ${message}`)) {
    return `The certificate of ${location} is not accepted (${message}): give the authority that signed it as ca.`;
  }
  if (statusCode !== undefined)
    return `${location} answers with status ${statusCode}: is that a Docker engine?`;
  return `The engine at ${location} does not answer: ${message}.`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? ''}`;
  }
}
