// Reads the text of a scrape by the rules of the format (Prometheus text-based exposition format 0.0.4), strictly.

export type Labels = Readonly<Record<string, string>>;

export interface ScrapedMetric {
  readonly help: string;
  readonly type: string;
  /** `suffix` is what the name of a line has besides the metric's: `_bucket`, `_sum` and `_count` of a histogram. */
  readonly samples: { readonly suffix: string; readonly labels: Labels; readonly value: number }[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LINE =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"(?:,|(?=\})))*\})? (\S+)$/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = { histogram: ['_bucket', '_sum', '_count'] };

/** @throws Error at the first line that is not of the format, or the first histogram that is none */
export function readExposition(text: string): Map<string, ScrapedMetric> {
  if (!text.endsWith('\n')) throw new Error('the last line must end');
  const metrics = new Map<string, ScrapedMetric>();
  let help: { name: string; text: string } | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      if (!NAME.test(name!) || metrics.has(name!)) throw new Error(line);
      help = { name: name!, text: rest! };
    } else if (kind === 'TYPE') {
      if (help?.name !== name || !['counter', 'gauge', 'histogram'].includes(rest!)) throw new Error(line);
      metrics.set(name!, { help: help!.text, type: rest!, samples: [] });
    } else readSample(line, metrics);
  }
  for (const [name, metric] of metrics) {
    const seen = metric.samples.map(({ suffix, labels }) =>
      JSON.stringify([suffix, Object.entries(labels).sort()]),
    );
    if (new Set(seen).size !== seen.length) throw new Error(`a sample of ${name} comes twice`);
    if (metric.type === 'counter' && metric.samples.some(({ value }) => !(value >= 0)))
      throw new Error(`${name} is negative`);
    if (metric.type === 'histogram') checkHistogram(name, metric);
  }
  return metrics;
}

function readSample(line: string, metrics: ReadonlyMap<string, ScrapedMetric>): void {
  const [, full, labels = '', value] = LINE.exec(line) ?? [];
  // A sample belongs to the metric whose lines these are.
  const name = [...metrics.keys()].at(-1) ?? '';
  const metric = metrics.get(name);
  const suffix = full?.startsWith(name) ? full.slice(name.length) : undefined;
  if (metric === undefined || suffix === undefined || !(SUFFIXES[metric.type] ?? ['']).includes(suffix))
    throw new Error(`no sample: ${line}`);
  const number = numberOf(value!);
  if (Number.isNaN(number) && value !== 'NaN') throw new Error(`no number: ${line}`);
  const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [
    key!,
    text!.replace(/\\(.)/g, (_all, character: string) => (character === 'n' ? '\n' : character)),
  ]);
  if (new Set(pairs.map(([key]) => key)).size !== pairs.length) throw new Error(`a label twice: ${line}`);
  metric.samples.push({ suffix, labels: Object.fromEntries(pairs), value: number });
}

function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}

/** Bounds rise, counts never fall, +Inf is last and is the count. */
function checkHistogram(name: string, { samples }: ScrapedMetric): void {
  const buckets = samples.filter(({ suffix }) => suffix === '_bucket');
  const bounds = buckets.map(({ labels }) => numberOf(labels.le ?? 'none'));
  const counts = buckets.map(({ value }) => value);
  const rises = bounds.every((bound, index) => index === 0 || bound > bounds[index - 1]!);
  const neverFalls = counts.every((count, index) => index === 0 || count >= counts[index - 1]!);
  const count = samples.find(({ suffix }) => suffix === '_count')?.value;
  const hasSum = samples.some(({ suffix }) => suffix === '_sum');
  if (
    !rises ||
    !neverFalls ||
    !hasSum ||
    bounds.at(-1) !== Number.POSITIVE_INFINITY ||
    counts.at(-1) !== count
  )
    throw new Error(`${name} is no histogram`);
}

/** The one value of a metric with these labels. */
export function valueIn(text: string, name: string, labels: Labels = {}): number | undefined {
  const wanted = JSON.stringify(Object.entries(labels).sort());
  return readExposition(text)
    .get(name)
    ?.samples.find((sample) => JSON.stringify(Object.entries(sample.labels).sort()) === wanted)?.value;
}
