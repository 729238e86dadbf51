// What @Audit() and @SkipAudit() say of a handler: handler before controller, field by field. Imports core.
import 'reflect-metadata';
import { CATALOGUE, CATEGORIES, type Category, LEVELS } from '@audit/core';
import { AUDIT_METADATA, AUDIT_SKIP_METADATA } from '../audit.constants.ts';
import type { AuditHandlerOptions, AuditOnFailure } from '../audit-handler-options.interface.ts';

/** Type of a handler's event where `@Audit()` says none. */
export const DEFAULT_HANDLER_TYPE = 'handler.call';
/** Category of an event whose type the catalogue does not have. */
export const DEFAULT_HANDLER_CATEGORY: Category = 'data_access';
/** Nothing waits for the event, and nothing fails with it. */
export const DEFAULT_ON_FAILURE: AuditOnFailure = 'best-effort';

export interface HandlerRules {
  /** Neither the handler's event nor the request or message that called it is recorded. */
  readonly skip: boolean;
  /** Undefined where neither the handler nor its controller has `@Audit()`. */
  readonly audit: AuditHandlerOptions | undefined;
}

type Target = object;
const known = new WeakMap<Target, WeakMap<Target, HandlerRules>>();

/** @param controller the class the handler was called on: an inherited handler has the rules of each */
export function handlerRules(handler: Target, controller: Target): HandlerRules {
  let byController = known.get(handler);
  if (byController === undefined) {
    byController = new WeakMap();
    known.set(handler, byController);
  }
  let rules = byController.get(controller);
  if (rules === undefined) {
    rules = readRules(handler, controller);
    byController.set(controller, rules);
  }
  return rules;
}

function readRules(handler: Target, controller: Target): HandlerRules {
  const [own, general] = [handler, controller].map(
    (target) => Reflect.getMetadata(AUDIT_METADATA, target) as AuditHandlerOptions | undefined,
  );
  const [skipped, allSkipped] = [handler, controller].map(
    (target) => Reflect.getMetadata(AUDIT_SKIP_METADATA, target) as boolean | undefined,
  );
  // An @Audit() at the handler outweighs a @SkipAudit() at its controller: the nearer one was meant.
  const skip = skipped ?? (own === undefined && allSkipped === true);
  const audit = own === undefined && general === undefined ? undefined : { ...general, ...own };
  return { skip, audit };
}

/** Type, category and level of a handler's event. */
export function classify({ type = DEFAULT_HANDLER_TYPE, category, level }: AuditHandlerOptions) {
  const fallback = CATALOGUE.has(type) ? undefined : DEFAULT_HANDLER_CATEGORY;
  return {
    type,
    category: category ?? fallback,
    level: level ?? (CATALOGUE.has(type) ? undefined : ('info' as const)),
  };
}

const TYPE = /^[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)*$/;
const FIELDS = ['type', 'category', 'level', 'operation', 'resource', 'data', 'log', 'onFailure'];
const ON_FAILURE: readonly unknown[] = ['strict', 'best-effort'] satisfies AuditOnFailure[];

/** Says what is wrong where it is written, not at the first request. */
export function checkHandlerOptions(options: AuditHandlerOptions<never>): void {
  if (typeof options !== 'object' || options === null) throw new TypeError('@Audit() takes an object');
  const unknown = Object.keys(options).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined) refuse(`has no option "${unknown}"; there are ${FIELDS.join(', ')}`);
  const { type, category, level, operation, resource, data, log, onFailure } = options;
  if (type !== undefined && !(typeof type === 'string' && TYPE.test(type))) {
    refuse(`needs a dotted lower-case name as type, not ${JSON.stringify(type)}`);
  }
  if (type?.startsWith('log.')) refuse('cannot use the types "log.*": only the log writes them');
  if (category !== undefined && !CATEGORIES.includes(category)) {
    refuse(`needs a category of ${CATEGORIES.join(', ')}`);
  }
  if (level !== undefined && !LEVELS.includes(level)) refuse(`needs a level of ${LEVELS.join(', ')}`);
  if (operation !== undefined && typeof operation !== 'string' && typeof operation !== 'function') {
    refuse('needs a string or a function as operation');
  }
  if (resource !== undefined && typeof resource !== 'function' && typeof resource?.type !== 'string') {
    refuse('needs { type, id }, { type, param } or a function as resource');
  }
  if (data !== undefined && typeof data !== 'function') refuse('needs a function as data');
  if (log !== undefined && typeof log !== 'string') refuse('needs the name of a log as log');
  if (onFailure !== undefined && !ON_FAILURE.includes(onFailure)) {
    refuse(`needs one of ${ON_FAILURE.join(', ')} as onFailure`);
  }
}

function refuse(sentence: string): never {
  throw new TypeError(`@Audit() ${sentence}`);
}
