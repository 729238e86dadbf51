// What the search for secrets may cost, event by event, so that none can stall the log. Imports nothing.

/** Characters of one text that are searched. An entry holds half of that at most. */
export const MAX_TEXT = 131_072;
/** Where a text was cut before it was searched, this much of its end is not kept: no secret lies on both sides. */
export const MARGIN = 8_192;
/** Characters of one event that are searched, in texts longer than `SHORT_TEXT`; what is left then is emptied. */
export const MAX_EVENT_TEXT = 1_048_576;
/** Texts up to this length are always searched, and do not count: an event has 10,000 of them at most. */
export const SHORT_TEXT = 256;
/** Longer keys have no place in an entry. */
export const MAX_KEY = 65_535;
/**
 * What the caller's own patterns may cost: characters looked at, times the instructions of the pattern. About a
 * second at the worst; 2,700 matches of a short pattern in a text of 2,000 characters.
 */
export const MAX_STEPS = 67_108_864;

export interface Budget {
  text: number;
  steps: number;
}

export function fullBudget(): Budget {
  return { text: MAX_EVENT_TEXT, steps: MAX_STEPS };
}

/** Made full again for the next event. */
export function refill(budget: Budget): void {
  budget.text = MAX_EVENT_TEXT;
  budget.steps = MAX_STEPS;
}

/** True where `text` may be searched whole; counts it. */
export function affords(budget: Budget, text: string): boolean {
  if (text.length <= SHORT_TEXT) return true;
  budget.text -= Math.min(text.length, MAX_TEXT);
  return text.length <= MAX_TEXT && budget.text >= 0;
}

/** The first `length` characters, no character cut in two. */
export function beginning(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}
