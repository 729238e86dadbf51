// Which Docker engines are watched, and how. The options have the shape @audit/docker takes; this package does not
// import it, a test of the watcher holds the two together.
import { z } from 'zod';
import { listSetting } from '../settings/collections.ts';
import { count, duration, LONGEST_TIMER } from '../settings/quantities.ts';
import { setting } from '../settings/setting.ts';
import { choice, flag, path, text } from '../settings/words.ts';
import { parseEngineHost } from './engine-host.ts';
import { type LimitsPolicy, limitsOptions, limitsSection } from './limits.ts';
import { given, ifRight, section } from './section.ts';

const wait = duration({ least: 1, most: LONGEST_TIMER });

const engine = section(
  {
    host: setting(
      text({
        what: 'unix:///path, tcp://host:port or https://host:port',
        test: (value) => parseEngineHost(value, false) !== null,
      }),
      'Where the engine listens. Default: DOCKER_HOST with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, else the local socket.',
      null,
    ),
    ca: setting(path, 'PEM of the authority that signed the certificate of the engine.', null),
    cert: setting(path, 'PEM of the certificate that is shown to the engine; with key.', null),
    key: setting(path, 'PEM of its private key; with cert.', null),
  },
  'One engine.',
)
  .refine(({ cert, key }) => cert === undefined || key !== undefined, {
    path: ['cert'],
    error: 'needs key, its private key',
    when: ifRight('cert', 'key'),
  })
  .refine(({ cert, key }) => key === undefined || cert !== undefined, {
    path: ['key'],
    error: 'needs cert, its certificate',
    when: ifRight('cert', 'key'),
  })
  .refine(({ host, ca, cert }) => host !== undefined || (ca ?? cert) === undefined, {
    path: ['host'],
    error: 'is needed beside ca and cert: for the host of DOCKER_HOST, DOCKER_CERT_PATH says where they are',
    when: ifRight('host', 'ca', 'cert'),
  })
  .refine(({ host, ca, cert }) => !/^(?:unix|npipe|http):/.test(host ?? '') || (ca ?? cert) === undefined, {
    path: ['host'],
    error: 'has no TLS, so ca, cert and key have no effect: use tcp:// or https://, or leave them out',
    when: ifRight('host', 'ca', 'cert'),
  });

/** Names appear in entries and metrics. */
const ENGINE_NAME = /^[A-Za-z0-9][\w.-]{0,62}$/;

export const dockerSection = section(
  {
    engines: z
      .record(z.string(), engine)
      .nullish()
      .superRefine((engines, context) => {
        for (const name of Object.keys(engines ?? {})) {
          if (ENGINE_NAME.test(name)) continue;
          const message = 'must be called by 1 to 63 letters, digits, ".", "_" or "-"';
          context.addIssue({ code: 'custom', path: [name], message, params: { at: 'key' } });
        }
      })
      .meta({
        description:
          'The engines that are watched, each under a name of your own. Default: one, from the environment.',
      }),
    events: listSetting(
      choice('container', 'image', 'network', 'volume'),
      'Kinds of objects whose events are recorded.',
      ['container', 'image', 'network', 'volume'],
    ),
    healthProbes: setting(
      flag,
      'Record the probes of health checks like any other exec. What they find is recorded anyway.',
      false,
    ),
    environmentValues: setting(
      flag,
      'Record the values of environment variables and not only the names, after the rules of privacy.',
      false,
    ),
    queueMessages: setting(
      count({ least: 1, most: LONGEST_TIMER }),
      'Messages of an engine that may wait for the log.',
      65_536,
    ),
    retryMin: setting(
      wait,
      'Wait before the first attempt to connect again; doubled with each that fails.',
      '250ms',
    ),
    retryMax: setting(wait, 'Longest wait between two attempts.', '30s'),
    answerTimeout: setting(
      wait,
      'How long an answer of the engine is waited for. Its event stream may be silent without end.',
      '15s',
    ),
    probeInterval: setting(wait, 'How often a quiet event stream is tested.', '30s'),
    reconcileInterval: setting(
      wait,
      'How often lists and inspections are compared with what is known.',
      '5m',
    ),
    settle: setting(
      duration({ most: LONGEST_TIMER }),
      'How long a difference must last to be recorded: its event may be on the way.',
      '2s',
    ),
    limits: limitsSection,
  },
  'Docker: every container, and every limit that is violated.',
).refine(({ retryMin, retryMax }) => (retryMin ?? 250) <= (retryMax ?? 30_000), {
  path: ['retryMin'],
  error: 'is longer than retryMax',
  when: ifRight('retryMin', 'retryMax'),
});

/** One engine to watch; without `host`, the environment says where it is. */
export interface EnginePolicy {
  /** As in entries and metrics. Undefined: as the engine calls its own host. */
  readonly name: string | undefined;
  /** As in DOCKER_HOST; readable by `parseEngineHost`. */
  readonly host?: string;
  /** PEM files. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** What is watched. */
export interface DockerPolicy {
  /** At least one. */
  readonly engines: readonly EnginePolicy[];
  /** Options of `watchDocker` besides the engine and the log; times in milliseconds. */
  readonly watch: DockerWatchPolicy;
}

/** The options that are the same for every engine. */
export interface DockerWatchPolicy {
  readonly events?: readonly ('container' | 'image' | 'network' | 'volume')[];
  readonly healthProbes?: boolean;
  readonly environmentValues?: boolean;
  readonly queueMessages?: number;
  readonly retryMin?: number;
  readonly retryMax?: number;
  readonly answerTimeout?: number;
  readonly probeInterval?: number;
  readonly reconcileInterval?: number;
  readonly settle?: number;
  readonly resources?: LimitsPolicy;
}

/** The section as the watcher takes it. */
export function dockerOptions({ engines, limits, ...watch }: z.output<typeof dockerSection>): DockerPolicy {
  const named = Object.entries(engines ?? {}).map(([name, { host, ca, cert, key }]) => ({
    name,
    ...given({ host, ca, cert, key }),
  }));
  return {
    engines: named.length > 0 ? named : [{ name: undefined }],
    watch: { ...given(watch), resources: limitsOptions(limits) },
  };
}
