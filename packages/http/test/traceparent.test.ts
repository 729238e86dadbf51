import { expect, test } from 'vitest';
import { parseTraceparent } from '../src/traceparent.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

test('a valid traceparent gives its trace and the span of the caller', () => {
  expect(parseTraceparent(`00-${TRACE}-${SPAN}-01`)).toEqual({ traceId: TRACE, parentId: SPAN });
});

test('a later version is read by its first four fields', () => {
  expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01`)).toEqual({ traceId: TRACE, parentId: SPAN });
  expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01-what-the-future-holds`)).toEqual({
    traceId: TRACE,
    parentId: SPAN,
  });
});

test.each([
  ['no header', undefined],
  ['a repeated header', [`00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01`]],
  ['nothing', ''],
  ['upper-case hex', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ['version ff', `ff-${TRACE}-${SPAN}-01`],
  ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
  ['a parent id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['a fifth field in version 00', `00-${TRACE}-${SPAN}-01-more`],
  ['a later version with text glued to the flags', `cc-${TRACE}-${SPAN}-01more`],
  ['a short trace id', `00-${TRACE.slice(1)}-${SPAN}-01`],
  ['a line break', `00-${TRACE}-${SPAN}-01\n`],
])('%s is no trace', (_name, header) => {
  expect(parseTraceparent(header)).toBeUndefined();
});
