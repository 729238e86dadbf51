// Alerting as a source for monitoring: whether people can be told, and how often they were.
import type { Check, MonitoringSource } from '../monitoring/check.ts';
import { counter, gauge, type Metric } from '../monitoring/metric.ts';
import type { AlertingStatus, ChannelStatus, RuleStatus } from './status.ts';

/** @param alerting that runs */
export function alertingSource(alerting: { status(): AlertingStatus }): Required<MonitoringSource> {
  return {
    checks: () => [checkOf(alerting.status())],
    metrics: () => metricsOf(alerting.status()),
  };
}

function checkOf({ channels, problems }: AlertingStatus): Check {
  const failing = Object.entries(channels).flatMap(([name, { problem, pending }]) =>
    problem === undefined
      ? []
      : [`Alerts do not get through by ${name} (${problem}); ${pending} wait and are tried again.`],
  );
  const reasons = [...failing, ...problems];
  return { name: 'alerting', status: reasons.length === 0 ? 'ok' : 'degraded', reasons };
}

function metricsOf({ rules, channels, behind, outbox, dropped }: AlertingStatus): readonly Metric[] {
  const byRule = (value: (rule: RuleStatus) => number) =>
    Object.entries(rules).map(([rule, status]) => ({ labels: { rule }, value: value(status) }));
  const byChannel = (value: (channel: ChannelStatus) => number) =>
    Object.entries(channels).map(([channel, status]) => ({ labels: { channel }, value: value(status) }));
  return [
    counter(
      'audit_alerts_raised_total',
      'Alerts raised since the start, by rule.',
      byRule(({ raised }) => raised),
    ),
    counter(
      'audit_alerts_suppressed_total',
      'Alerts counted in a later one instead of told, by rule.',
      byRule(({ suppressed, withheld }) => suppressed + withheld),
    ),
    counter(
      'audit_alerts_delivered_total',
      'Alerts delivered since the start, by channel.',
      byChannel(({ delivered }) => delivered),
    ),
    counter(
      'audit_alerts_failed_total',
      'Alerts that are not tried any more, by channel.',
      byChannel(({ failed }) => failed),
    ),
    counter(
      'audit_alert_attempts_failed_total',
      'Attempts to deliver that failed since the start, by channel.',
      byChannel(({ failedAttempts }) => failedAttempts),
    ),
    gauge(
      'audit_alerts_pending',
      'Alerts that wait, or are on their way, by channel.',
      byChannel(({ pending }) => pending),
    ),
    counter('audit_alerts_dropped_total', 'Alerts dropped for want of room.', dropped),
    gauge('audit_alerts_outbox', 'Alerts kept until they are delivered and recorded.', outbox),
    gauge('audit_alerting_behind_entries', 'Committed entries that no rule has looked at yet.', behind),
  ];
}
