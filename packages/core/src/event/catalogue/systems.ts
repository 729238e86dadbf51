// Systems and what they hold: files, data, configuration, performance, alerts.
import { about, type EventConstructor, eventOf } from './define.ts';

export interface FileAccessData {
  readonly path: string;
  readonly mode?: string | undefined;
  readonly bytes?: number | undefined;
  /** SHA-256 before and after a change. */
  readonly hashBefore?: string | undefined;
  readonly hashAfter?: string | undefined;
}

/** A file read or changed. */
export const fileAccess = eventOf<FileAccessData>('file.access', {
  operation: ({ mode }) => mode || 'access',
  resource: ({ path }) => about('file', path),
});

export interface SystemData {
  readonly system?: string | undefined;
  readonly version?: string | undefined;
}

const system = { resource: ({ system: id }: SystemData) => about('system', id) };
export const systemStart = eventOf<SystemData>('system.start', system);
export const systemStop = eventOf<SystemData>('system.stop', system);
/** Outcome `failure`. */
export const systemError = eventOf<SystemData>('system.error', { ...system, outcome: 'failure' });

export interface ConfigChangeData {
  readonly setting: string;
  /** Redacted like every value. */
  readonly before?: unknown;
  readonly after?: unknown;
}

/** A setting that was changed. Level `security`. */
export const systemConfigChange = eventOf<ConfigChangeData>('system.config_change', {
  operation: 'change',
  resource: ({ setting }) => about('setting', setting),
});

export interface DataAccessData {
  /** Kind of record: a table, a collection, a model. */
  readonly kind: string;
  readonly key?: string | number | undefined;
  readonly before?: unknown;
  readonly after?: unknown;
}

const data = (name: string): EventConstructor<DataAccessData> =>
  eventOf<DataAccessData>(`data.${name}`, { resource: ({ kind, key }) => about(kind || 'data', key) });

export const dataRead = data('read');
export const dataCreate = data('create');
export const dataUpdate = data('update');
export const dataDelete = data('delete');

export interface PerformanceThresholdData {
  readonly metric: string;
  readonly limit: number;
  readonly observed: number;
  readonly unit?: string | undefined;
}

/** A metric past its threshold. */
export const performanceThreshold = eventOf<PerformanceThresholdData>('performance.threshold', {
  operation: 'exceed',
  resource: ({ metric }) => about('metric', metric),
});

export interface AlertData {
  readonly rule: string;
  readonly count?: number | undefined;
  readonly windowMs?: number | undefined;
  readonly channel?: string | undefined;
}

const alert = { resource: ({ rule }: AlertData) => about('rule', rule) };
export const alertRaised = eventOf<AlertData>('alert.raised', alert);
export const alertDelivered = eventOf<AlertData>('alert.delivered', alert);
/** Outcome `failure`. */
export const alertFailed = eventOf<AlertData>('alert.failed', { ...alert, outcome: 'failure' });
