// The counts of a watch: see `DockerWatchStats`. Imports nothing.

export class Tally {
  received = 0;
  repeated = 0;
  ignored = 0;
  recorded = 0;
  dropped = 0;
  failed = 0;
  gaps = 0;
  connections = 0;

  counts() {
    const { received, repeated, ignored, recorded, dropped, failed, gaps, connections } = this;
    return { received, repeated, ignored, recorded, dropped, failed, gaps, connections };
  }
}
