// How alerting is, for metrics and health. Types only.

export interface RuleStatus {
  /** Entries that matched. */
  readonly matched: number;
  readonly raised: number;
  /** Fired again within `repeat`, and counted in a later alert. */
  readonly suppressed: number;
  /** Fired beyond the rate of all rules together, and counted in a later alert. */
  readonly withheld: number;
  /** Groups forgotten for want of room: what they counted begins anew. */
  readonly forgotten: number;
}

export interface ChannelStatus {
  readonly delivered: number;
  /** Attempts that failed; most alerts were delivered by a later one. */
  readonly failedAttempts: number;
  /** Alerts that are not tried any more. */
  readonly failed: number;
  /** Alerts that wait, and those on their way. */
  readonly pending: number;
  /** Of the newest attempt that failed, where none succeeded since. */
  readonly problem: string | undefined;
}

/** Counts are since alerting was started. */
export interface AlertingStatus {
  readonly rules: Readonly<Record<string, RuleStatus>>;
  readonly channels: Readonly<Record<string, ChannelStatus>>;
  /** Committed entries that no rule has looked at yet. */
  readonly behind: number;
  /** Entries that were passed over, because more than `catchUp` had come. */
  readonly skipped: number;
  /** Alerts that are not delivered everywhere, or not recorded. */
  readonly outbox: number;
  /** Alerts dropped for want of room in the outbox. */
  readonly dropped: number;
  /** `alert.*` entries that the log did not take. */
  readonly unrecorded: number;
  /** What is not as it should be; each a sentence. */
  readonly problems: readonly string[];
}
