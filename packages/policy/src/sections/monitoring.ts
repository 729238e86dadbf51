// Where a service answers for its health and its metrics, and what is done about its disk.
import type { z } from 'zod';
import { count } from '../settings/quantities.ts';
import { setting } from '../settings/setting.ts';
import { text } from '../settings/words.ts';
import { type DiskPolicy, diskOptions, diskSection } from './disk.ts';
import { section } from './section.ts';

/** Only this machine can ask. */
export const DEFAULT_MONITORING_ADDRESS = '127.0.0.1';
/** The port Prometheus users expect an exporter without one of its own at. */
export const DEFAULT_MONITORING_PORT = 9464;

export const monitoringSection = section(
  {
    address: setting(
      text({ what: 'an address or a host name', test: (value) => /^[\w.:%-]+$/.test(value) }),
      'Address that /healthz, /readyz and /metrics listen on. They have no login: keep it to loopback or a network of your own.',
      DEFAULT_MONITORING_ADDRESS,
    ),
    port: setting(count({ most: 65_535 }), 'Its port; 0 takes any free one.', DEFAULT_MONITORING_PORT),
    disk: diskSection,
  },
  'Where a service answers for its health and its metrics.',
);

export interface MonitoringPolicy {
  readonly address: string;
  readonly port: number;
  readonly disk: DiskPolicy;
}

/** The section, with its defaults. */
export function monitoringOptions(values: z.output<typeof monitoringSection>): MonitoringPolicy {
  const { address = DEFAULT_MONITORING_ADDRESS, port = DEFAULT_MONITORING_PORT, disk } = values;
  return { address, port, disk: diskOptions(disk) };
}
