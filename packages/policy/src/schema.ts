// All a policy can say: the sections, and the JSON Schema of them for editors. May import `zod`.
import { z } from 'zod';
import { RECORDING_LEVELS } from './events/options.ts';
import { alertingSection } from './sections/alerting.ts';
import { archiveSection } from './sections/archive.ts';
import { assessorSection } from './sections/assessor.ts';
import { dockerSection } from './sections/docker.ts';
import { eventsSection } from './sections/events.ts';
import { expressSection, httpSection, nestSection } from './sections/http.ts';
import { levelSetting, levelsSection } from './sections/levels.ts';
import { logSections } from './sections/log.ts';
import { maintenanceSection } from './sections/maintenance.ts';
import { modelSection } from './sections/model.ts';
import { monitoringSection } from './sections/monitoring.ts';
import { privacySection } from './sections/privacy.ts';
import { retentionSection } from './sections/retention.ts';
import { sandboxSection } from './sections/sandbox.ts';
import { ifRight, section } from './sections/section.ts';
import { winstonSection } from './sections/winston.ts';
import { setting } from './settings/setting.ts';
import { flag, path } from './settings/words.ts';

export const policySchema = section(
  {
    extends: setting(
      path,
      'A policy this one extends, taken from where this file is. Maps are merged key by key, anything else of this file stands instead.',
      null,
    ),
    ...logSections,
    retention: retentionSection,
    archive: archiveSection,
    privacy: privacySection,
    level: levelSetting,
    levels: levelsSection,
    events: eventsSection,
    integrations: section(
      {
        http: httpSection,
        express: expressSection,
        nest: nestSection,
        winston: winstonSection,
        docker: dockerSection,
        assessor: assessorSection,
        sandbox: sandboxSection,
        model: modelSection,
      },
      'What is recorded, each adapter by itself.',
    ),
    alerting: alertingSection,
    monitoring: monitoringSection,
    maintenance: maintenanceSection,
    locked: setting(
      flag,
      'Nothing of the policy may be made weaker while the log is open: a reload that would is refused, and recorded.',
      false,
    ),
  },
  'The policy of an audit log.',
)
  .refine(({ storage, log }) => storage.store !== 'memory' || log.origin !== undefined, {
    path: ['storage', 'store'],
    error: 'is memory, which needs log.origin: such a log is always new',
    when: ifRight('storage', 'log'),
  })
  .refine(({ retention, archive }) => !retention.requireArchive || archive.directory !== undefined, {
    path: ['retention', 'requireArchive'],
    error: 'needs archive.directory: without it nothing could ever be pruned',
    when: ifRight('retention', 'archive'),
  })
  .refine(({ level, levels }) => isLevel(level, levels), {
    path: ['level'],
    error: noLevel,
    when: ifRight('level', 'levels'),
  })
  .refine(...levelIn('http'))
  .refine(...levelIn('express'))
  .refine(...levelIn('nest'));

/** An adapter may have a level of its own, which must be one. */
function levelIn(adapter: 'http' | 'express' | 'nest') {
  return [
    ({ integrations, levels }: WithLevels) => isLevel(integrations[adapter].level, levels),
    {
      path: ['integrations', adapter, 'level'] as PropertyKey[],
      error: noLevel,
      when: ifRight('integrations', 'levels'),
    },
  ] as const;
}

interface WithLevels {
  readonly integrations: Readonly<
    Record<'http' | 'express' | 'nest', { readonly level?: string | undefined }>
  >;
  readonly levels?: object | null | undefined;
}

function isLevel(name: string | undefined, levels: object | null | undefined): boolean {
  return name === undefined || levelNames(levels).includes(name);
}

function noLevel({ input }: { readonly input?: unknown }): string {
  return `must be a level: ${levelNames((input as WithLevels).levels).join(', ')}, or one that levels defines`;
}

function levelNames(levels: object | null | undefined): readonly string[] {
  return [...new Set([...Object.keys(RECORDING_LEVELS), ...Object.keys(levels ?? {})])];
}

/** The values of a policy, read and checked. */
export type PolicyValues = z.output<typeof policySchema>;

/** JSON Schema (2020-12) of a policy: for editors, and to walk. */
export function policyJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(policySchema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // Whatever is left out, or left empty, has its default, which the conversion would drop.
      delete jsonSchema.required;
      if (jsonSchema.properties !== undefined) jsonSchema.type = ['object', 'null'] as never;
      const fallback = z.globalRegistry.get(zodSchema)?.default;
      if (fallback !== undefined) jsonSchema.default = fallback as typeof jsonSchema.default;
    },
  });
}
