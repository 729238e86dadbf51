// Between the outbox and the couriers: who gets what, what became of it, and how that is recorded.
import { type AuditLog, alertDelivered, alertFailed } from '@audit/core';
import type { Alert } from './alert.ts';
import type { Channel, DeliveryError } from './channels/channel.ts';
import { commandChannel } from './channels/command.ts';
import { emailChannel } from './channels/email.ts';
import { logChannel } from './channels/log.ts';
import { slackChannel } from './channels/slack.ts';
import { webhookChannel } from './channels/webhook.ts';
import { Courier } from './courier.ts';
import {
  type AlertChannel,
  DEFAULT_CHANNEL_RATE,
  DEFAULT_CHANNEL_RETRY_FOR,
  DEFAULT_CHANNEL_RETRY_MAX,
  DEFAULT_CHANNEL_TIMEOUT,
} from './options.ts';
import type { Outbox, Pending } from './outbox.ts';
import type { Records } from './records.ts';
import type { ChannelStatus } from './status.ts';

export interface DeliveriesOptions {
  readonly log: AuditLog;
  readonly channels: Readonly<Record<string, AlertChannel>>;
  readonly outbox: Outbox;
  readonly records: Records;
  /** Wall clock. */
  readonly now: () => number;
  /** The outbox has changed. */
  readonly ended: () => void;
}

interface Line {
  readonly courier: Courier;
  readonly counts: { delivered: number; failedAttempts: number; failed: number };
  problem: string | undefined;
}

export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #lines = new Map<string, Line>();

  /** @throws RangeError, TypeError naming what of a channel cannot be */
  constructor(options: DeliveriesOptions) {
    this.#options = options;
    for (const [name, channel] of Object.entries(options.channels))
      this.#lines.set(name, this.#lineOf(name, channel));
  }

  get names(): readonly string[] {
    return [...this.#lines.keys()];
  }

  /** Hands an alert to everybody who still waits for it. */
  send({ alert, to }: Pending): void {
    for (const name of to) {
      const line = this.#lines.get(name);
      if (line !== undefined) line.courier.add(alert);
      else this.#end(alert, name, 'there is no such channel any more');
    }
  }

  forget({ alert, to }: Pending): void {
    for (const name of to) this.#lines.get(name)?.courier.forget(alert.id);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#lines.values()].map(({ courier }) => courier.stop()));
  }

  status(): Readonly<Record<string, ChannelStatus>> {
    return Object.fromEntries(
      [...this.#lines].map(([name, { courier, counts, problem }]) => [
        name,
        { ...counts, pending: courier.pending, problem: courier.failures > 0 ? problem : undefined },
      ]),
    );
  }

  /** Channels that fail, each in a sentence. */
  get problems(): readonly string[] {
    return [...this.#lines].flatMap(([name, { courier, problem }]) =>
      courier.failures === 0
        ? []
        : [`Channel ${name} fails (${problem}); ${courier.pending} alerts wait for it.`],
    );
  }

  #lineOf(name: string, options: AlertChannel): Line {
    const { outbox, records, now } = this.#options;
    const { timeout = DEFAULT_CHANNEL_TIMEOUT } = options;
    const counts = { delivered: 0, failedAttempts: 0, failed: 0 };
    const failed = (error: DeliveryError): void => {
      counts.failedAttempts++;
      line.problem = error.message;
    };
    const courier = new Courier({
      channel: this.#channelOf(name, options, timeout),
      rate: options.rate ?? DEFAULT_CHANNEL_RATE,
      timeout,
      retryFor: options.retryFor ?? DEFAULT_CHANNEL_RETRY_FOR,
      retryMax: options.retryMax ?? DEFAULT_CHANNEL_RETRY_MAX,
      now,
      hooks: {
        wanted: ({ id }) => outbox.has(id),
        delivered: (alert, attempts) => {
          counts.delivered++;
          this.#done(alert, name);
          // That channel recorded the whole alert in such an entry.
          if (options.log?.to !== 'entry') records.add(alertDelivered(factsOf(alert, name, { attempts })));
        },
        failing: (alert, error, first) => {
          failed(error);
          if (first) records.add(alertFailed(factsOf(alert, name, { reason: error.message, final: false })));
        },
        gaveUp: (alert, error, attempts) => {
          failed(error);
          this.#end(alert, name, error.message, attempts);
        },
      },
    });
    const line: Line = { courier, counts, problem: undefined };
    return line;
  }

  #end(alert: Alert, name: string, reason: string, attempts = 0): void {
    const line = this.#lines.get(name);
    if (line !== undefined) line.counts.failed++;
    this.#done(alert, name);
    this.#options.records.add(alertFailed(factsOf(alert, name, { reason, final: true, attempts })));
  }

  #done({ id }: Alert, name: string): void {
    this.#options.outbox.end(id, name);
    this.#options.ended();
  }

  #channelOf(name: string, options: AlertChannel, timeout: number): Channel {
    const { webhook, email, slack, command, log } = options;
    const given = [webhook, email, slack, command, log].filter((kind) => kind !== undefined);
    if (given.length !== 1) {
      throw new TypeError(
        `alerting.channels.${name} must have one of webhook, email, slack, command and log`,
      );
    }
    if (webhook !== undefined) return webhookChannel(webhook, this.#options.now);
    if (email !== undefined) return emailChannel(email, timeout);
    if (slack !== undefined) return slackChannel(slack);
    if (command !== undefined) return commandChannel(command);
    return logChannel(name, log!, this.#options.log);
  }
}

/** What an entry says of an alert and a channel. */
function factsOf(
  { rule, count, windowMs, id }: Alert,
  channel: string,
  data: Readonly<Record<string, unknown>>,
) {
  return { rule, count, windowMs, channel, data: { alert: id, ...data } };
}
