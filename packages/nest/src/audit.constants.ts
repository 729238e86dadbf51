// Tokens and metadata keys, spelled as @nestjs/throttler spells its own. Imports nothing.

/** The options of the module, as `forRoot()` or `forRootAsync()` gave them. */
export const AUDIT_OPTIONS = 'AUDIT:MODULE_OPTIONS';
/** The log of the module, and who closes it. */
export const AUDIT_LOG = 'AUDIT:LOG';
/** The name of the module's log; null for the unnamed one. */
export const AUDIT_NAME = 'AUDIT:NAME';
/** Stands for the shortening of routes that ask for nothing: made before the first route is. */
export const AUDIT_PLAIN_ROUTES = 'AUDIT:PLAIN_ROUTES';
/** What `@Audit()` says. */
export const AUDIT_METADATA = 'AUDIT:HANDLER';
/** What `@SkipAudit()` says. */
export const AUDIT_SKIP_METADATA = 'AUDIT:SKIP';
