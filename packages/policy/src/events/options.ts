// What can be said of events by their type: on or off, level, detail, samples. Types, defaults and the named levels.
import type { Category, DetailRule, Level } from '@audit/core';

/** How much of an event is recorded: see `EventRule.detail`. */
export const EVENT_DETAILS = ['metadata', 'request', 'request-response'] as const;
export type EventDetail = (typeof EVENT_DETAILS)[number];

/** What becomes of the events of a type. What is left out is as a less specific rule has it. */
export interface EventRule {
  /** Whether they are recorded at all. Those that are not are counted by type, and told in `log.gap`. */
  readonly enabled?: boolean;
  /** Their level, instead of what the event or the catalogue says. */
  readonly level?: Level;
  /**
   * `request-response`: all that the event holds. `request`: without what came of it (`OUTCOME_NAMES` in `data`).
   * `metadata`: who, what, on what and how it ended, without `data`; for `http.request`, without the bodies.
   */
  readonly detail?: EventDetail;
  /**
   * The share that is recorded, from 0 to 1. Events of one request share its fate, by its trace id, else its request id.
   * The others are counted by type, and told in `log.gap`.
   */
  readonly sample?: number;
  /** Whether `sample` holds for events of level `security` and above, too. Default false. */
  readonly sampleSecurity?: boolean;
}

/** Exact types, or beginnings that end in `*`. The most specific rule decides, member by member. */
export type EventRules = Readonly<Record<string, EventRule>>;

/** What `eventRules()` takes. Everything may be left out: then every event passes as it is. */
export interface EventRulesOptions {
  readonly events?: EventRules;
  /** The least level that is recorded. A rule that says `enabled: true` wins. Default `debug`: all. */
  readonly least?: Level;
  /** Categories that are recorded whatever their level. */
  readonly always?: readonly Category[];
  /** What holds where `events` says nothing: the rules of a named level. */
  readonly fallback?: EventRules;
}

/** A named set of rules: how much is recorded. */
export interface RecordingLevel {
  /** Of HTTP exchanges, by rule; the first that matches decides, `metadata` where none does. */
  readonly http: readonly DetailRule[];
  readonly least: Level;
  readonly always: readonly Category[];
  readonly events: EventRules;
}

/** Members of `data` that hold what came of an operation: left out where `detail` is `request`. */
export const OUTCOME_NAMES: readonly string[] = [
  ...['after', 'completion', 'output', 'response', 'responseBody', 'result', 'summary'],
];

/** The level of a log whose policy names none. */
export const DEFAULT_RECORDING_LEVEL = 'basic';

/** The levels there are without being defined. A definition of the same name replaces what it names. */
export const RECORDING_LEVELS: Readonly<Record<'comprehensive' | 'basic' | 'minimal', RecordingLevel>> = {
  comprehensive: {
    http: [{ detail: 'request-response' }],
    least: 'debug',
    always: [],
    events: {},
  },
  basic: {
    http: [{ detail: 'metadata' }],
    least: 'debug',
    always: [],
    events: {},
  },
  minimal: {
    http: [
      { method: ['GET', 'HEAD', 'OPTIONS'], status: ['2xx', '3xx'], detail: 'none' },
      { detail: 'metadata' },
    ],
    least: 'warning',
    always: [
      ...(['authentication', 'authorization', 'configuration', 'cryptographic', 'audit'] as const),
      ...(['agent_lifecycle', 'code_execution', 'security_assessment'] as const),
    ],
    // Which exchanges are recorded is for the rules of `http` to say.
    events: { 'http.request': { enabled: true }, 'model.*': { detail: 'metadata' } },
  },
};
