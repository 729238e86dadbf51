import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeLines } from '../../src/store/file/lines.ts';

it('entries become lines of UTF-8, whatever characters they have', () => {
  const entry = fc.oneof(fc.string({ unit: 'binary' }), fc.string());
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1 }), (entries) => {
      expect(Buffer.from(encodeLines(entries)).toString('hex')).toBe(
        Buffer.from(`${entries.join('\n')}\n`).toString('hex'),
      );
    }),
  );
});
