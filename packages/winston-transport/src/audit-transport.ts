// The transport: winston's stream on one side, the log on the other. What it takes it takes at once, because winston
// loses or crashes on a transport that calls back late; what waits for the disk waits in `_final`.
import { type AuditEvent, getAuditLog } from '@audit/core';
import TransportStream from 'winston-transport';
import { callerOf, type FollowedLogger, followCallers, runAs } from './caller.ts';
import { Deliveries } from './deliveries.ts';
import { isUncaught, type LogInfo } from './info.ts';
import { LevelMap, type LoggerLevels } from './levels.ts';
import { type AuditTransportOptions, resolveOptions, type TransportSettings } from './options.ts';
import { checkLevel, isSelected } from './select.ts';
import { DroppingSink, type Sink, type SinkHooks } from './sink.ts';
import { SpoolingSink } from './spooling-sink.ts';
import { translate } from './translate.ts';
import { AuditTransportError, Trouble } from './trouble.ts';
import { within } from './within.ts';

/** What of a winston logger is used, all of it public. */
interface Logger extends FollowedLogger, NodeJS.EventEmitter {
  readonly levels?: LoggerLevels;
  read?(): unknown;
  add(transport: unknown): unknown;
}

/**
 * Makes log records entries of an audit log. Add it to a logger like any transport; end with `logger.end()` and
 * wait for the logger's `finish`: then everything the log took is durable and signed. The log stays open: close it
 * after that.
 *
 * Emits `logged` with a record once it is durable, and `warn` (`error` where strict) with an `AuditTransportError`.
 */
export class AuditTransport extends TransportStream {
  /** True once everything is durable and `finish` is due. winston does not wait again for such a transport. */
  finished = false;

  readonly #settings: TransportSettings;
  readonly #levelMap: LevelMap;
  readonly #sink: Sink;
  readonly #deliveries: Deliveries;
  readonly #trouble: Trouble;
  /** Loggers this is added to, each with what ends the following of its callers. */
  readonly #loggers = new Map<Logger, () => void>();
  #removed = false;
  /** The record as the logger wrote it, while a `format` of this transport makes another of it. */
  #written: unknown;

  /** @throws TypeError or RangeError naming the option that is wrong */
  constructor(options: AuditTransportOptions = {}) {
    const settings = resolveOptions(options);
    const { format, level, silent, handleExceptions, handleRejections } = options;
    // Not `log`: winston would take it for the method of that name.
    super({
      ...(format !== undefined && { format }),
      ...(level !== undefined && { level }),
      ...(silent !== undefined && { silent }),
      ...(handleExceptions !== undefined && { handleExceptions }),
      ...(handleRejections !== undefined && { handleRejections }),
    });
    this.#settings = settings;
    this.#levelMap = new LevelMap(settings.levels);
    this.#trouble = new Trouble((error) => this.#tell(error));
    const hooks: SinkHooks = {
      log: () => settings.log ?? getAuditLog(),
      lost: (cause) => this.#trouble.lost(cause),
      degraded: (reason) => this.#trouble.degraded(reason),
    };
    this.#sink =
      settings.spool === undefined ? new DroppingSink(hooks) : new SpoolingSink(hooks, settings.spool);
    this.#deliveries = new Deliveries(
      () => this.#sink.flush(),
      (info) => this.#deliver(info),
    );
    this.on('pipe', (logger: unknown) => this.#added(logger as Logger));
    this.on('unpipe', (logger: unknown) => this.#taken(logger as Logger));
  }

  /** winston's way in. Never waits, never throws for want of a log, and never changes `info`. */
  override log(info: unknown, next?: () => void): boolean {
    if (typeof info === 'object' && info !== null) this.#record(info as LogInfo);
    next?.();
    return true;
  }

  /**
   * Resolves when everything the log took is durable and signed.
   * @throws AuditTransportError `NOT_FLUSHED`
   */
  async flush(): Promise<void> {
    this.#trouble.tellLoss();
    try {
      await within(this.#settings.flushTimeout, this.#sink.flush());
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new AuditTransportError('NOT_FLUSHED', `What was logged is not durable: ${why}`, cause);
    }
    await this.#deliveries.settled();
  }

  /** Lets go of the log, which stays open. winston calls it when the transport is removed; it may be added again. */
  override close(): void {
    this.#sink.close();
  }

  override _write(info: unknown, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#written = info;
    try {
      super._write(info, encoding, callback);
    } finally {
      this.#written = undefined;
    }
  }

  /**
   * `finish` comes when this calls back: when everything is durable. Where it cannot be made so, `finish` never
   * comes; this must not call back with an error, for winston's streams emit `finish` after that, too.
   */
  override _final(callback: (error?: Error | null) => void): void {
    this.flush().then(
      () => {
        this.finished = true;
        process.nextTick(callback);
      },
      (error: AuditTransportError) => {
        this.#tell(error);
        process.nextTick(() => this.destroy());
      },
    );
  }

  /**
   * A logger that another, slow transport has paused ends its transports before it has handed them its last
   * records: what comes after `end()` is lost, with an error. So they are fetched first. Those behind this one in
   * the logger have not been ended yet, and get them, too.
   */
  override end(chunk?: unknown, encoding?: unknown, callback?: unknown): this {
    try {
      for (const logger of this.#loggers.keys()) while (logger.read?.() != null);
    } finally {
      super.end(chunk, encoding as BufferEncoding, callback as () => void);
    }
    return this;
  }

  #record(info: LogInfo): void {
    const written = typeof this.#written === 'object' && this.#written !== null ? this.#written : info;
    runAs(callerOf(written, this.#loggers.size > 0), () => {
      if (!this.#isSelected(info)) return;
      const taken = this.#sink.hand(this.#eventOf(info));
      if (taken && this.listenerCount('logged') > 0) runAs(undefined, () => this.#deliveries.add(info));
      if (isUncaught(info)) this.#finishIfExiting();
    });
  }

  #isSelected(info: LogInfo): boolean {
    const { select, mark } = this.#settings;
    const levels = (this as { readonly levels?: LoggerLevels }).levels;
    try {
      return isSelected(select, info, { mark, levels, handleRejections: this.handleRejections === true });
    } catch (error) {
      this.#trouble.callbackFailed('select', error);
      return true;
    }
  }

  #eventOf(info: LogInfo): AuditEvent {
    const { mark, event: own } = this.#settings;
    const event = translate(info, mark, this.#levelMap.of(info));
    if (own === undefined) return event;
    try {
      return own(info, event);
    } catch (error) {
      this.#trouble.callbackFailed('event', error);
      return event;
    }
  }

  /**
   * After an uncaught exception winston sets `_ending`, waits up to three seconds for `finish` of the transports
   * that handle exceptions, and exits. Nothing ends them, so they say it themselves.
   */
  #finishIfExiting(): void {
    if ((this as { readonly _ending?: boolean })._ending !== true) return;
    this.flush().then(
      () => {
        // A pipe takes `finish` for the end of its destination. Where the process goes on, so does the transport.
        const loggers = [...this.#loggers.keys()];
        this.emit('finish');
        for (const logger of loggers) if (!this.#loggers.has(logger)) logger.add(this);
      },
      (error: AuditTransportError) => this.#tell(error),
    );
  }

  #deliver(info: unknown): void {
    try {
      this.emit('logged', info);
    } catch (error) {
      // A listener's own mistake, as loud as it would be anywhere else.
      process.nextTick(() => {
        throw error;
      });
    }
  }

  /** Never at once: the one who logs must not be hit by it, and a listener may log. */
  #tell(error: AuditTransportError): void {
    process.nextTick(() => {
      // winston would add a transport that was removed again at an `error` of it.
      const loud = this.#settings.strict && !this.#removed;
      if (loud) this.emit('error', error);
      else if ([this, ...this.#loggers.keys()].some(hearsWarnings)) this.emit('warn', error);
      else process.emitWarning(error.message, { type: 'AuditWarning', code: error.code });
    });
  }

  // winston's base class knows one logger, and the first time it is added only.
  #added(logger: Logger): void {
    const parent = this as { parent?: unknown; levels?: LoggerLevels };
    parent.parent = logger;
    this.#removed = false;
    if (logger.levels !== undefined) {
      checkLevel(this.#settings.select, logger.levels);
      parent.levels = logger.levels;
      this.#levelMap.learn(logger.levels);
    }
    this.#loggers.set(logger, typeof logger.write === 'function' ? followCallers(logger) : () => {});
  }

  #taken(logger: Logger): void {
    this.#loggers.get(logger)?.();
    this.#loggers.delete(logger);
    (this as { parent?: unknown }).parent = [...this.#loggers.keys()].at(-1) ?? null;
    this.#removed = this.#loggers.size === 0;
    if (this.#removed) this.close();
  }
}

/** Whether anybody but winston listens: it passes a transport's warnings on to its logger. */
function hearsWarnings(emitter: NodeJS.EventEmitter): boolean {
  const passedOn = (emitter as { readonly __winstonwarn?: unknown }).__winstonwarn;
  return emitter.listeners('warn').some((listener) => listener !== passedOn);
}
