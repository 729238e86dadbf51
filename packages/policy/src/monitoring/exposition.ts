// Metrics as Prometheus reads them. Source: Prometheus text-based exposition format 0.0.4. Imports types only.
import type { HistogramSample, Labels, Metric } from './metric.ts';

/** Content type of the format. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The text of a scrape; a metric without samples still says that it exists. */
export function exposition(metrics: readonly Metric[]): string {
  return metrics.map(metricText).join('');
}

function metricText(metric: Metric): string {
  const { name, help, type } = metric;
  const lines =
    metric.type === 'histogram'
      ? metric.samples.flatMap((sample) => histogramLines(name, sample))
      : metric.samples.map(({ labels = {}, value }) => line(name, labels, value));
  return `# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

/** The bucket of +Inf holds them all. */
function histogramLines(name: string, { labels = {}, buckets, sum, count }: HistogramSample): string[] {
  const all = [...buckets, { le: Number.POSITIVE_INFINITY, count }];
  return [
    ...all.map((bucket) => line(`${name}_bucket`, { ...labels, le: numberText(bucket.le) }, bucket.count)),
    line(`${name}_sum`, labels, sum),
    line(`${name}_count`, labels, count),
  ];
}

function line(name: string, labels: Labels, value: number): string {
  return `${name}${labelText(labels)} ${numberText(value)}\n`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Backslash, quote and line feed are escaped; the format knows no other escapes. */
function escaped(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

/** As Go's ParseFloat takes it. */
function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
