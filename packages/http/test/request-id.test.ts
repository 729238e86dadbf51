import { expect, test } from 'vitest';
import { chooseRequestId, MAX_REQUEST_ID } from '../src/request-id.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test.each(['a', 'req_42', 'dGVzdA==', '0123-abc', 'x'.repeat(MAX_REQUEST_ID)])('%s is kept', (id) => {
  expect(chooseRequestId(id)).toBe(id);
});

test.each([
  ['no header', undefined],
  ['nothing', ''],
  ['one character too many', 'x'.repeat(MAX_REQUEST_ID + 1)],
  ['a line break', 'a\nb'],
  ['a trailing line break', 'a\n'],
  ['markup', '<script>'],
  ['a letter beyond ASCII', 'ä'],
  ['a repeated header', ['a', 'b']],
])('%s gives a new id', (_name, inbound) => {
  const id = chooseRequestId(inbound);
  expect(id).toMatch(UUID);
  expect(chooseRequestId(inbound)).not.toBe(id);
});
