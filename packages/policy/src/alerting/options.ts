// What alerting is told: rules, channels and limits, as plain options. Types and defaults only.
import type { Category, JsonValue, Level, Outcome } from '@audit/core';

/** A rule that fired tells of the same again only after this time, in milliseconds. */
export const DEFAULT_ALERT_REPEAT = 300_000;
/** Alerts raised, by all rules together. */
export const DEFAULT_ALERT_RATE: AlertRate = { alerts: 600, within: 60_000 };
/** Alerts that wait to be delivered. */
export const DEFAULT_ALERT_OUTBOX = 10_000;
/** Entries looked at after a restart. */
export const DEFAULT_ALERT_CATCH_UP = 1_000_000;
/** Time in which `count` matches must come, in milliseconds. */
export const DEFAULT_ALERT_WINDOW = 60_000;
/** Alerts delivered by one channel. */
export const DEFAULT_CHANNEL_RATE: AlertRate = { alerts: 60, within: 60_000 };
/** How long an alert is tried to be delivered, in milliseconds. */
export const DEFAULT_CHANNEL_RETRY_FOR = 86_400_000;
/** Longest wait between two attempts, in milliseconds. */
export const DEFAULT_CHANNEL_RETRY_MAX = 60_000;
/** How long one attempt may take, in milliseconds. */
export const DEFAULT_CHANNEL_TIMEOUT = 10_000;
/** Port of message submission with STARTTLS, RFC 6409. */
export const DEFAULT_SMTP_PORT = 587;

/** So many alerts within a time, at once or spread over it. */
export interface AlertRate {
  readonly alerts: number;
  /** Milliseconds. */
  readonly within: number;
}

/** What an entry must be like; all that is given must hold. `alert.*` entries never match. */
export interface AlertMatch {
  /** Any of these types; `*` stands for any characters. */
  readonly type?: readonly string[];
  readonly category?: readonly Category[];
  /** This level or above. */
  readonly level?: Level;
  readonly outcome?: readonly Outcome[];
  /** Any of these ids of actors; `*` stands for any characters. */
  readonly actor?: readonly string[];
  /** Any of these ids of resources; `*` stands for any characters. */
  readonly resource?: readonly string[];
  /** JSON Pointers into the entry, such as `/data/exitCode`, and the value that stands there. */
  readonly equals?: Readonly<Record<string, JsonValue>>;
}

/**
 * - `integrity`: a verification found the log not intact
 * - `disk`: the volume of the log has less free than `diskFree`
 * - `lost`: events were lost, or are at risk
 * - `stopped`: the log takes nothing more
 */
export const ALERT_CONDITIONS = ['integrity', 'disk', 'lost', 'stopped'] as const;
export type AlertCondition = (typeof ALERT_CONDITIONS)[number];

/** A rule: entries that match, entries that no longer come, or a condition of the log. */
export interface AlertRule {
  readonly match?: AlertMatch;
  readonly condition?: AlertCondition;
  /** Matches that fire the rule. Default 1. */
  readonly count?: number;
  /** Milliseconds in which they must come. Default `DEFAULT_ALERT_WINDOW`. */
  readonly window?: number;
  /** Fires where nothing matched for so many milliseconds, instead of where something does. */
  readonly absentFor?: number;
  /** JSON Pointers into the entry: what has equal values there is counted, and told, by itself. */
  readonly groupBy?: readonly string[];
  /** For `disk`: bytes, or a share of the volume. */
  readonly diskFree?: { readonly bytes: number } | { readonly share: number };
  /** Milliseconds; 0 tells each match. Default: that of the policy. */
  readonly repeat?: number;
  /** Default: `warning`; `critical` for conditions. */
  readonly severity?: Level;
  /** Names of channels. Default: all. */
  readonly channels?: readonly string[];
}

/** A POST of JSON, signed in the manner of Standard Webhooks. */
export interface WebhookOptions {
  /** http or https, without user and password. */
  readonly url: string;
  /** `whsec_` and 24 to 64 bytes in base64. */
  readonly secret: string;
  /** PEM of authorities to trust instead of those Node.js knows. */
  readonly ca?: string;
}

/** A message by SMTP. */
export interface EmailOptions {
  readonly host: string;
  /** Default `DEFAULT_SMTP_PORT`. */
  readonly port?: number;
  /** `starttls` (default) refuses to go on without; `tls` from the first byte on; `none` sends in clear. */
  readonly security?: 'starttls' | 'tls' | 'none';
  readonly user?: string;
  readonly password?: string;
  readonly from: string;
  readonly to: readonly string[];
  /** PEM of authorities to trust instead of those Node.js knows. */
  readonly ca?: string;
}

/** An incoming webhook of Slack, or of what understands its messages. */
export interface SlackOptions {
  /** A secret: whoever knows it can post. */
  readonly url: string;
  /** PEM of authorities to trust instead of those Node.js knows. */
  readonly ca?: string;
}

/** A program that reads the alert as JSON from its standard input; exit status 0 says that it was delivered. */
export interface CommandOptions {
  /** The program and its arguments. No shell is involved. */
  readonly run: readonly string[];
}

/** A line of JSON on standard error, or the whole alert in an entry of the log. */
export interface LogChannelOptions {
  readonly to: 'stderr' | 'entry';
}

/** Exactly one of the first five. */
export interface AlertChannel {
  readonly webhook?: WebhookOptions;
  readonly email?: EmailOptions;
  readonly slack?: SlackOptions;
  readonly command?: CommandOptions;
  readonly log?: LogChannelOptions;
  /** Alerts beyond it wait. Default `DEFAULT_CHANNEL_RATE`. */
  readonly rate?: AlertRate;
  /** Milliseconds. Default `DEFAULT_CHANNEL_TIMEOUT`. */
  readonly timeout?: number;
  /** Milliseconds. Default `DEFAULT_CHANNEL_RETRY_FOR`. */
  readonly retryFor?: number;
  /** Milliseconds. Default `DEFAULT_CHANNEL_RETRY_MAX`. */
  readonly retryMax?: number;
}

/** Who is told what. */
export interface AlertingPolicy {
  /** By names of your own, which appear in alerts and metrics. */
  readonly rules?: Readonly<Record<string, AlertRule>>;
  /** By names of your own. */
  readonly channels?: Readonly<Record<string, AlertChannel>>;
  /** Milliseconds. Default `DEFAULT_ALERT_REPEAT`. */
  readonly repeat?: number;
  /** What fires beyond it is counted, and told in one alert for each rule. Default `DEFAULT_ALERT_RATE`. */
  readonly rate?: AlertRate;
  /** Beyond it the least severe, oldest alerts are dropped, which is recorded. Default `DEFAULT_ALERT_OUTBOX`. */
  readonly outbox?: number;
  /** Older entries are passed over, which is recorded. Default `DEFAULT_ALERT_CATCH_UP`. */
  readonly catchUp?: number;
}
