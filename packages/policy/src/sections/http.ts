// What the HTTP adapters record. The options have the shape @audit/http, express and nest take; this package does not
// import them, a test beside the demo holds them together.
import type { Detail, DetailRule } from '@audit/core';
import type { z } from 'zod';
import type { RecordingLevel } from '../events/options.ts';
import { listSetting } from '../settings/collections.ts';
import { size } from '../settings/quantities.ts';
import { type Reader, setting, Unfit } from '../settings/setting.ts';
import { flag, text } from '../settings/words.ts';
import { detailOrRules, type FailureRule, type HttpOnFailure, onFailureOrRules } from './detail-rules.ts';
import { given, section } from './section.ts';

/** The most the adapters take: two bodies fit into one entry. */
const MAX_BODY = 24_576;

/** RFC 9110 §5.6.2. */
const header = text({
  what: 'the name of a header',
  test: (value) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value),
});

const headerOrFalse: Reader<string | false> = {
  json: { anyOf: [header.json, { const: false }] },
  read(value, fromEnvironment) {
    if (value === false || (fromEnvironment && value === 'false')) return false;
    if (typeof value !== 'string') throw new Unfit('must be the name of a header, or false');
    return header.read(value, fromEnvironment);
  },
};

const shape = {
  level: setting(text(), 'How much is recorded: a level, instead of that of the log.', null),
  detail: setting(
    detailOrRules,
    'How much of an exchange is recorded, instead of the rules of the level: none, metadata, request or request-response; or rules of method, route, status and actor.',
    null,
  ),
  headers: listSetting(
    header,
    'Request headers that are recorded; credentials among them as present, never with their value.',
    ['content-length', 'content-type', 'host', 'origin'],
  ),
  responseHeaders: listSetting(header, 'Response headers that are recorded, likewise.', [
    'content-length',
    'content-type',
  ]),
  requestIdHeader: setting(
    headerOrFalse,
    'Header that the request id is read from and answered in; false: always a new id, not answered.',
    'x-request-id',
  ),
  traceparent: setting(flag, 'Take the trace from the traceparent of the client.', true),
  maxBody: setting(
    size({ least: 1, most: MAX_BODY }),
    'So much of each body is recorded, where detail asks for bodies.',
    '8KiB',
  ),
  onFailure: setting(
    onFailureOrRules,
    'A request that cannot be recorded: best-effort answers it all the same, strict with 503; or rules of method and path.',
    'best-effort',
  ),
};

export const httpSection = section(shape, 'HTTP: what every HTTP adapter records.');
export const expressSection = section(shape, 'Express: what differs from integrations.http.');
export const nestSection = section(shape, 'NestJS: what differs from integrations.http.');

type HttpValues = z.output<typeof httpSection>;

/** Options of `auditExpress()`, of `AuditModule.forRoot()`, of any HTTP adapter. */
export interface HttpPolicy {
  readonly detail: Detail | readonly DetailRule[];
  readonly headers?: readonly string[];
  readonly responseHeaders?: readonly string[];
  readonly requestIdHeader?: string | false;
  readonly traceparent?: boolean;
  /** Bytes. */
  readonly maxBody?: number;
  readonly onFailure?: HttpOnFailure | readonly FailureRule[];
}

/**
 * The sections as an adapter takes them: what the nearer one says first.
 *
 * @param levels all there are, by name
 * @param fallback the level of the log
 */
export function httpOptions(
  sections: readonly HttpValues[],
  levels: Readonly<Record<string, RecordingLevel>>,
  fallback: RecordingLevel,
): HttpPolicy {
  const details = sections.map(
    ({ detail, level }) => detail ?? (level === undefined ? undefined : levels[level]?.http),
  );
  const rest = sections.map(({ level: _level, detail: _detail, ...options }) => given(options));
  return {
    ...Object.assign({}, ...rest.reverse()),
    detail: details.find((detail) => detail !== undefined) ?? fallback.http,
  } as HttpPolicy;
}
