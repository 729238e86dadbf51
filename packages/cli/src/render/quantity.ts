// Numbers as people read them: counts, bytes, durations, sequence numbers. Imports nothing.

const grouping = new Intl.NumberFormat('en-US');

/** `1204` → `1,204`. */
export function count(value: number): string {
  return grouping.format(value);
}

/** `1 entry`, `1,204 entries`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `1,204 entries`, the count said most. */
export function entryCount(value: number): string {
  return counted(value, 'entry', 'entries');
}

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `532 B`, `1.4 MiB`. */
export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  let scaled = value / 1024;
  let unit = 0;
  while (scaled >= 1024 && unit < UNITS.length - 1) {
    scaled /= 1024;
    unit += 1;
  }
  return `${scaled < 10 ? scaled.toFixed(1) : Math.round(scaled)} ${UNITS[unit]}`;
}

/** Seconds as `0:07`, `12:40`, `3:02:11`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  const tail = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

/** Where a finding is: `entry 41`, `entries 256 to 511`, or nothing. A range is half-open, people's is not. */
export function place(seq: number | { readonly from: number; readonly to: number } | null): string {
  if (seq === null) return '';
  if (typeof seq === 'number') return `entry ${seq}`;
  return seq.to - seq.from === 1 ? `entry ${seq.from}` : `entries ${seq.from} to ${seq.to - 1}`;
}
