// The text of metrics, read back by the rules of the format.
import { describe, expect, test } from 'vitest';
import { exposition } from '../src/exposition.ts';
import { readExposition } from './support/prometheus.ts';

describe('the exposition', () => {
  test('has help, type and samples of each metric', () => {
    const text = exposition([
      {
        name: 'a_total',
        help: 'Things.',
        type: 'counter',
        samples: [
          { labels: { of: 'x' }, value: 3 },
          { labels: { of: 'y' }, value: 0.5 },
        ],
      },
      { name: 'b_bytes', help: 'Size.', type: 'gauge', samples: [{ value: 1e21 }] },
      { name: 'c', help: 'Nothing yet.', type: 'gauge', samples: [] },
    ]);
    expect(text).toBe(
      '# HELP a_total Things.\n# TYPE a_total counter\na_total{of="x"} 3\na_total{of="y"} 0.5\n' +
        '# HELP b_bytes Size.\n# TYPE b_bytes gauge\nb_bytes 1e+21\n' +
        '# HELP c Nothing yet.\n# TYPE c gauge\n',
    );
  });

  test.each(['plain', 'a"b', 'a\\b', 'a\nb', '\\n', 'a\\"b\n', '} 1\nevil_total 5', '\u202e', 'ü'])(
    'a label %j comes back as it was',
    (label) => {
      const text = exposition([
        { name: 'a', help: 'H', type: 'gauge', samples: [{ labels: { l: label }, value: 1 }] },
      ]);
      expect(text.split('\n')).toHaveLength(4);
      expect(readExposition(text).get('a')?.samples).toEqual([{ labels: { l: label }, value: 1 }]);
    },
  );

  test('help stays on its line', () => {
    const text = exposition([{ name: 'a', help: 'one\ntwo \\n', type: 'gauge', samples: [] }]);
    expect(text.split('\n')[0]).toBe('# HELP a one\\ntwo \\\\n');
  });

  test.each([
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
    [-0.25, '-0.25'],
  ])('%d is written %s', (value, written) => {
    expect(exposition([{ name: 'a', help: 'H', type: 'gauge', samples: [{ value }] }])).toContain(
      `a ${written}\n`,
    );
  });
});
