// Which keys of a policy a log takes over while it is open. All others wait for a restart.

/** By the beginning of the key of the schema: those of the events, which act on the next one. */
const LIVE: readonly RegExp[] = [
  /^events\.\*\.(?!onFailure$)/,
  /^level$/,
  /^levels\.\*\.(?:least|always|events\.)/,
  // Locking is stronger at once; unlocking needs the restart it is about.
  /^locked$/,
];

/** @param sections of the running services that can be reloaded, such as `alerting` */
export function isReloadable(pattern: readonly string[], sections: readonly string[]): boolean {
  const name = pattern.join('.');
  return LIVE.some((form) => form.test(name)) || sections.some((section) => isWithin(name, section));
}

export function isWithin(name: string, section: string): boolean {
  return name === section || name.startsWith(`${section}.`);
}
