// What the other @audit packages may use beyond the public surface. No promise of stability to anyone else.

export { levelOf } from './event/catalogue/catalogue.ts';
export { formatTime, parseTime, readTime } from './event/time.ts';
export { nodeHasher } from './merkle/node-hasher.ts';
export { inclusionProof } from './merkle/proof.ts';
export { verifyInclusion } from './merkle/verify-proof.ts';
export { parseCheckpoint } from './note/checkpoint.ts';
export { isOrigin } from './note/key-name.ts';
export { nodeSignatures } from './note/node-primitives.ts';
export { generatePrivateKey, signerFromPem } from './note/node-signers.ts';
export { formatNote, parseNote } from './note/note.ts';
export { openCheckpoint, openNote } from './note/open.ts';
export { signNote } from './note/sign.ts';
export { formatProof, parseProof, verifyProof } from './note/tlog-proof.ts';
export { hmacVerifierKey, parseVerifierKey } from './note/verifier-key.ts';
export { hmacLookup } from './privacy/lookup.ts';
export { createRedactor, type Redactor } from './privacy/redactor.ts';
export { SPOOL_DIRECTORY } from './spool/layout.ts';
export type { Disk, DiskFile } from './store/file/disk.ts';
export { makeDirectory, readText, replaceFile } from './store/file/durable.ts';
export {
  CHECKPOINT_FILE,
  CHECKPOINTS_FILE,
  COMMIT_FILE,
  ENTRIES_DIRECTORY,
  HIGH_WATER_FILE,
  KEPT_FILE,
  KEY_FILE,
  LOCK_FILE,
  OWN_NAMES,
  QUARANTINE_DIRECTORY,
  segmentFirst,
  TREE_DIRECTORY,
  VKEY_FILE,
} from './store/file/layout.ts';
export { nodeDisk } from './store/file/node-disk.ts';
export { type LogReader, type LogReaderHead, openLogReader } from './store/file/reader.ts';
export { decodeSlot, SLOT_BYTES } from './store/file/slot.ts';
export { type VerifyDirectoryOptions, verifyDirectory } from './store/file/verify-directory.ts';
