// Alerts where nobody has to be reached: a line on standard error, or an entry of the log itself.
import { type AuditLog, alertDelivered } from '@audit/core';
import type { LogChannelOptions } from '../options.ts';
import { ALERTING_ACTOR } from '../records.ts';
import { type Channel, DeliveryError } from './channel.ts';

/** @param name of the channel, as entries say it */
export function logChannel(name: string, { to }: LogChannelOptions, log: AuditLog): Channel {
  return {
    async deliver(alert) {
      if (to === 'stderr') {
        await new Promise<void>((resolve, reject) => {
          process.stderr.write(`${JSON.stringify(alert)}\n`, (error) =>
            error ? reject(new DeliveryError('standard error cannot be written')) : resolve(),
          );
        });
        return;
      }
      const { rule, count, windowMs, severity: level } = alert;
      const facts = { rule, count, windowMs, channel: name, level, actor: ALERTING_ACTOR };
      await log.record(alertDelivered({ ...facts, data: { alert } }));
    },
    close() {},
  };
}
