// What opening a file store is told, and what it makes of it. Types only.
import type { Clock } from '../../log/options.ts';
import type { Signer } from '../../note/signer.ts';
import type { Disk } from './disk.ts';
import type { TryLock } from './lock.ts';

export interface FileStoreOptions {
  /** Created if missing; its parent must exist. */
  readonly directory: string;
  /** Private side. Default `<directory>.private`. */
  readonly stateDirectory?: string | undefined;
  /** Needed to create a log; checked against an existing one. */
  readonly origin?: string | undefined;
  /** PKCS#8 PEM. Default: `AUDIT_KEY_FILE`, else `key.pem` in the private side. */
  readonly keyFile?: string | undefined;
  readonly keyType?: 'ed25519' | 'ecdsa-p256' | undefined;
  /** Signs instead of a key file. */
  readonly signer?: Signer | undefined;
  /** Milliseconds to wait for another writer to let go. */
  readonly lockTimeout?: number | undefined;
  readonly segmentBytes?: number | undefined;
  /** Milliseconds. */
  readonly segmentAge?: number | undefined;
  readonly clock?: Clock | undefined;
  /** Told the verifier key when a key was generated. */
  readonly onKeyCreated?: ((vkey: string) => void) | undefined;
  /** Permissions of what is made in `directory`. Default 0600 and 0700. */
  readonly fileMode?: number | undefined;
  readonly directoryMode?: number | undefined;
  /** The file layer; default: this machine's. */
  readonly disk?: Disk | undefined;
  /** The writer's lock; default: the kernel's, else a socket's. */
  readonly tryLock?: TryLock | undefined;
}

/** Where a log's files are, resolved. */
export interface Place {
  readonly disk: Disk;
  readonly directory: string;
  readonly stateDirectory: string;
  readonly keyFile: string;
}
