// The hash behind chain and tree. The interface every other file uses; the implementation here runs anywhere.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * A SHA-256 hash as 64 lower-case hex digits: the spelling of an entry's `prev`. A string compares with `===`,
 * cannot be changed behind one's back, and is what Node's one-shot hash returns fastest.
 */
export type Hash = string;

/** RFC 6962 §2.1: leaves and nodes are hashed under different prefixes, so neither passes for the other. */
export interface Hasher {
  /** SHA-256(0x00 ‖ entry). A string stands for its UTF-8 bytes. */
  leaf(entry: string | Uint8Array): Hash;
  /** SHA-256(0x01 ‖ left ‖ right). */
  node(left: Hash, right: Hash): Hash;
  /** Plain SHA-256 of the bytes. A string stands for its UTF-8 bytes. */
  digest(data: string | Uint8Array): Hash;
}

/** MTH({}): the root of a tree without leaves. */
export const EMPTY_ROOT: Hash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
/** `prev` of entry 0. */
export const ZERO_HASH: Hash = '0'.repeat(64);

/** The portable implementation, for browsers and wherever Node's crypto is not. */
export const nobleHasher: Hasher = {
  leaf(entry) {
    const data = typeof entry === 'string' ? utf8ToBytes(entry) : entry;
    const input = new Uint8Array(data.length + 1);
    input.set(data, 1);
    return bytesToHex(sha256(input));
  },
  node(left, right) {
    return bytesToHex(sha256(hexToBytes(`01${left}${right}`)));
  },
  digest(data) {
    return bytesToHex(sha256(typeof data === 'string' ? utf8ToBytes(data) : data));
  },
};
