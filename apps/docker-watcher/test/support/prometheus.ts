// Reads the text of a scrape by the rules of the format (Prometheus text-based exposition format 0.0.4), strictly.

export interface ScrapedMetric {
  readonly help: string;
  readonly type: string;
  readonly samples: { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** @throws Error at the first line that is not of the format */
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
      if (help?.name !== name || !['counter', 'gauge'].includes(rest!)) throw new Error(line);
      metrics.set(name!, { help: help!.text, type: rest!, samples: [] });
    } else readSample(line, metrics);
  }
  return metrics;
}

function readSample(line: string, metrics: ReadonlyMap<string, ScrapedMetric>): void {
  const [, name, labels = '', value] =
    /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"(?:,|(?=\})))*\})? (\S+)$/.exec(
      line,
    ) ?? [];
  const metric = metrics.get(name ?? '');
  if (metric === undefined || [...metrics.keys()].at(-1) !== name) throw new Error(`no sample: ${line}`);
  const number =
    value === '+Inf' ? Number.POSITIVE_INFINITY : value === '-Inf' ? Number.NEGATIVE_INFINITY : Number(value);
  if (Number.isNaN(number) && value !== 'NaN') throw new Error(`no number: ${line}`);
  const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [
    key!,
    text!.replace(/\\(.)/g, (_all, character: string) => (character === 'n' ? '\n' : character)),
  ]);
  metric.samples.push({ labels: Object.fromEntries(pairs), value: number });
}

/** The one value of a metric with these labels. */
export function valueIn(
  text: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const wanted = JSON.stringify(Object.entries(labels).sort());
  return readExposition(text)
    .get(name)
    ?.samples.find((sample) => JSON.stringify(Object.entries(sample.labels).sort()) === wanted)?.value;
}
