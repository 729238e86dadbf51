// Certificates of the tests: of an authority, a server, a client, and of others that nobody trusts.
import { readFileSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import { fileURLToPath } from 'node:url';

/** Holds `ca.pem`, `cert.pem` and `key.pem`, as DOCKER_CERT_PATH wants it. */
export const certificates = fileURLToPath(new URL('../fixtures/tls', import.meta.url));

export function certificate(name: string): string {
  return `${certificates}/${name}.pem`;
}

/** A server that wants to see a certificate of its authority. */
export const mutualTls: ServerOptions = {
  key: readFileSync(certificate('server-key')),
  cert: readFileSync(certificate('server')),
  ca: readFileSync(certificate('ca')),
  requestCert: true,
  rejectUnauthorized: true,
};

/** A server that shows its certificate and asks for none. */
export const serverTls: ServerOptions = {
  key: readFileSync(certificate('server-key')),
  cert: readFileSync(certificate('server')),
};
