// All a policy can say: the sections, and the JSON Schema of them for editors. May import `zod`.
import { z } from 'zod';
import { dockerSection } from './sections/docker.ts';
import { logSections } from './sections/log.ts';
import { monitoringSection } from './sections/monitoring.ts';
import { privacySection } from './sections/privacy.ts';
import { section } from './sections/section.ts';

export const policySchema = section(
  {
    ...logSections,
    privacy: privacySection,
    integrations: section({ docker: dockerSection }, 'What is recorded, each adapter by itself.'),
    monitoring: monitoringSection,
  },
  'The policy of an audit log.',
);

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
