// How much of an HTTP exchange is recorded, by rule: what adapters and policy both speak of. Types only.

/** In order: no entry; all but the bodies; the request's body, too; both bodies. Source: events.md, *HTTP*. */
export const DETAILS = ['none', 'metadata', 'request', 'request-response'] as const;
export type Detail = (typeof DETAILS)[number];

/**
 * A rule for exchanges that have everything it names; a list means any of it. Of several rules the first that
 * matches decides.
 */
export interface DetailRule {
  /** `GET`, in any case. */
  readonly method?: string | readonly string[];
  /** The pattern of the route, or the path where none matched; a prefix where it ends in `*`. */
  readonly route?: string | readonly string[];
  /** `404`, or a class: `4xx`. */
  readonly status?: number | string | readonly (number | string)[];
  /** `type:id` of the actor; a prefix where it ends in `*`: `service:*`, `anonymous:*`. */
  readonly actor?: string | readonly string[];
  readonly detail: Detail;
}
