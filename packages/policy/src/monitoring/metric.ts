// A metric with its samples, as it is at the moment of a scrape. Names follow Prometheus' conventions.
import type { DurationStats } from '@audit/core';

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** How many values were at most each bound, the sum of all and their number. */
export interface HistogramSample {
  readonly labels?: Labels;
  /** Cumulative, in the order of the bounds; +Inf is `count`. */
  readonly buckets: readonly { readonly le: number; readonly count: number }[];
  readonly sum: number;
  readonly count: number;
}

/** One metric with all its samples. Its name ends in its unit; a counter's in `_total` besides. */
export type Metric =
  | {
      readonly name: string;
      readonly help: string;
      readonly type: 'counter' | 'gauge';
      readonly samples: readonly Sample[];
    }
  | {
      readonly name: string;
      readonly help: string;
      readonly type: 'histogram';
      readonly samples: readonly HistogramSample[];
    };

/** Only grows, and begins at 0 with the process. */
export function counter(name: string, help: string, samples: readonly Sample[] | number): Metric {
  return { name, help, type: 'counter', samples: samplesOf(samples) };
}

/** Goes up and down. Without samples where nothing is known: the metric still says that it exists. */
export function gauge(name: string, help: string, samples: readonly Sample[] | number | null): Metric {
  return { name, help, type: 'gauge', samples: samplesOf(samples) };
}

/** What the log counts in milliseconds, in seconds. */
export function durations(name: string, help: string, { count, sumMs, buckets }: DurationStats): Metric {
  const sample = {
    buckets: buckets.map((bucket) => ({ le: bucket.upToMs / 1_000, count: bucket.count })),
    ...{ sum: sumMs / 1_000, count },
  };
  return { name, help, type: 'histogram', samples: [sample] };
}

function samplesOf(samples: readonly Sample[] | number | null): readonly Sample[] {
  if (typeof samples === 'number') return [{ value: samples }];
  return samples ?? [];
}
