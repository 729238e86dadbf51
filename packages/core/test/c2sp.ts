// The C2SP and RFC 6962 vectors, typed as far as the tests use them.
import { readFileSync } from 'node:fs';

interface ProofVector {
  readonly proof_hex: string[];
}

interface C2spVectors {
  readonly vkeys: readonly {
    readonly vkey: string;
    readonly name: string;
    readonly key_id_hex: string;
    readonly type: number;
    readonly public_key_hex: string;
  }[];
  readonly vkeys_invalid: readonly { readonly why: string; readonly vkey: string }[];
  readonly notes: readonly {
    readonly note: string;
    readonly vkeys: readonly string[];
    readonly verifies: readonly (readonly [name: string, type: number])[];
    readonly source: string;
  }[];
  readonly notes_invalid: readonly {
    readonly why: string;
    readonly note: string;
    readonly vkeys?: readonly string[];
  }[];
  readonly checkpoint_parse: {
    readonly valid: readonly string[];
    readonly invalid: readonly (readonly [why: string, text: string])[];
  };
  readonly tlog_proofs: {
    readonly proofs: readonly {
      readonly entry_utf8: string;
      readonly leaf_hash_b64: string;
      readonly log_vkey: string;
      readonly tlog_proof: string;
    }[];
  };
  readonly consistency_tessera_testlog: readonly {
    readonly old: number;
    readonly new: number;
    readonly root_old: string;
    readonly root_new: string;
    readonly proof: readonly string[];
  }[];
  readonly cosignature_ed25519: { readonly checkpoint: string; readonly signature_line: string };
  readonly cosignature_mldsa44: { readonly vkey: string };
  readonly rfc6962: {
    readonly leaves_hex: readonly string[];
    readonly leaf_hashes_hex: readonly string[];
    readonly roots_hex_by_size: readonly string[];
    readonly all_inclusion: readonly (ProofVector & { readonly index: number; readonly size: number })[];
    readonly all_consistency: readonly (ProofVector & { readonly old: number; readonly new: number })[];
  };
  readonly rfc6962_hasher: {
    readonly empty_root: string;
    readonly empty_leaf: string;
    readonly leaf_L123456: string;
    readonly node_N123_N456: string;
  };
}

export const c2sp: C2spVectors = JSON.parse(
  readFileSync(new URL('./vectors/c2sp-vectors.json', import.meta.url), 'utf8'),
);

/** Base64 as hex, whatever it holds: vectors of bad proofs have hashes of every length. */
export function hexOf(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}
