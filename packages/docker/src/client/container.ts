// A container whose life, as far as it is asked for through this client, is recorded.
import {
  type AuditEvent,
  type ContainerRef,
  containerDestroy,
  containerKill,
  containerPause,
  containerRename,
  containerRestart,
  containerStart,
  containerStop,
  containerUnpause,
  containerUpdate,
} from '@audit/core';
import { auditExec, type ExecFacts, execAct } from './exec.ts';
import { follow } from './follow.ts';
import { ContainerIdentity } from './identity.ts';
import type { ActRecorder } from './recorder.ts';
import { type Method, methodOf, standIn } from './stand-in.ts';

type Options = Readonly<Record<string, unknown>>;

/** What each method of dockerode's is as an event. */
const ACTS: Readonly<Record<string, (container: ContainerRef, options: Options) => AuditEvent>> = {
  start: (container) => containerStart({ container }),
  stop: (container, { t }) => containerStop({ container, data: given({ timeout: t }) }),
  restart: (container, { t }) => containerRestart({ container, data: given({ timeout: t }) }),
  kill: (container, { signal }) => containerKill({ container, signal: String(signal ?? 'SIGKILL') }),
  pause: (container) => containerPause({ container }),
  unpause: (container) => containerUnpause({ container }),
  update: (container, options) => containerUpdate({ container, after: given(options) }),
  rename: (container, { name }) => containerRename({ container, before: container.name, after: name }),
  remove: (container, { force, v }) => containerDestroy({ container, data: given({ force, volumes: v }) }),
};

/** @param identity what is known of it; asked for before the first act where this client has not made it */
export function auditContainer<C extends object>(
  container: C,
  recorder: ActRecorder,
  identity: ContainerIdentity = new ContainerIdentity(container),
): C {
  const methods: Record<string, Method> = {};
  for (const [name, act] of Object.entries(ACTS)) {
    methods[name] = (...args) => {
      const options = optionsOf(args);
      const record = recorder.begin(() => ({
        event: act(identity.ref, options),
        company: identity.environment,
      }));
      return follow(container, methodOf(container, name), args, {
        before: identity.before,
        ended: (error, value) => {
          record(error, value);
          if (name === 'rename' && !error) identity.rename(String(options.name));
          return value;
        },
      });
    };
  }
  methods.exec = (...args) => {
    const options = optionsOf(args);
    const facts = () => execFacts(identity, options);
    const record = recorder.begin((_error, exec) => execAct(facts(), idOf(exec), 'prepared'));
    return follow(container, methodOf(container, 'exec'), args, {
      before: identity.before,
      ended: (error, exec) => {
        record(error, exec);
        return isObject(exec) ? auditExec(exec, facts(), recorder) : exec;
      },
    });
  };
  return standIn(container, methods);
}

/** Docker Engine API, `ExecConfig`. */
function execFacts(
  { ref, environment }: ContainerIdentity,
  { Cmd, User, Tty, Privileged, Env }: Options,
): ExecFacts {
  const words = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  return {
    ...{ container: ref, command: words(Cmd), environment: words(Env), company: environment },
    ...(typeof User === 'string' && { user: User }),
    ...(typeof Tty === 'boolean' && { tty: Tty }),
    privileged: Privileged === true,
  };
}

/**
 * The first argument of every method, where it is not the callback. A copy: dockerode takes members out of it. It may
 * be given in two parts, as dockerode sends it: `{ _query, _body }`.
 */
export function optionsOf(args: readonly unknown[]): Options {
  if (!isObject(args[0])) return {};
  const { _query, _body, ...options } = args[0] as Options;
  return { ...options, ...(isObject(_query) && _query), ...(isObject(_body) && _body) };
}

function given(options: Options): Options {
  const own = Object.entries(options).filter(
    ([name, value]) => value !== undefined && name !== 'abortSignal',
  );
  return Object.fromEntries(own);
}

function idOf(value: unknown): string | undefined {
  return isObject(value) && 'id' in value ? String(value.id) : undefined;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
