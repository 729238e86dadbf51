// The text of metrics, read back by the rules of the format.
import { describe, expect, test } from 'vitest';
import { exposition } from '../../src/monitoring/exposition.ts';
import { readExposition } from '../support/prometheus.ts';

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
      expect(readExposition(text).get('a')?.samples).toEqual([
        { suffix: '', labels: { l: label }, value: 1 },
      ]);
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

  test('a histogram has its buckets, +Inf last, its sum and its count', () => {
    const buckets = [
      { le: 0.5, count: 2 },
      { le: 1, count: 2 },
    ];
    const text = exposition([
      { name: 'a_seconds', help: 'H', type: 'histogram', samples: [{ buckets, sum: 9.5, count: 3 }] },
    ]);
    expect(text).toBe(
      '# HELP a_seconds H\n# TYPE a_seconds histogram\n' +
        'a_seconds_bucket{le="0.5"} 2\na_seconds_bucket{le="1"} 2\na_seconds_bucket{le="+Inf"} 3\n' +
        'a_seconds_sum 9.5\na_seconds_count 3\n',
    );
    expect(readExposition(text).get('a_seconds')?.samples).toHaveLength(5);
  });
});

describe('the reader of these tests', () => {
  const head = '# HELP a H\n# TYPE a histogram\n';
  test.each([
    'a 1',
    '# HELP a H\n# TYPE a gauge\na 1',
    '# HELP a H\n# TYPE a gauge\nb 1\n',
    '# HELP a H\n# TYPE a gauge\na_sum 1\n',
    '# HELP a H\n# TYPE a gauge\na 1\na 2\n',
    '# HELP a H\n# TYPE a gauge\na{l="1",l="2"} 1\n',
    '# HELP a H\n# TYPE a gauge\na one\n',
    '# HELP a H\n# TYPE a counter\na -1\n',
    '# TYPE a gauge\na 1\n',
    `${head}a_bucket{le="+Inf"} 1\na_sum 1\na_count 2\n`,
    `${head}a_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n`,
    `${head}a_bucket{le="1"} 1\na_sum 1\na_count 1\n`,
    `${head}a_bucket{le="+Inf"} 1\na_count 1\n`,
  ])('refuses %j', (text) => {
    expect(() => readExposition(text)).toThrow();
  });
});
