// A dockerode that records who asks the engine for what, which the engine's own events never tell.
import { type ContainerRef, containerCreate } from '@audit/core';
import { auditContainer, isObject, optionsOf } from './container.ts';
import { auditExec } from './exec.ts';
import { follow } from './follow.ts';
import { ContainerIdentity } from './identity.ts';
import { type AuditDockerOptions, checkAuditDockerOptions } from './options.ts';
import { type Act, ActRecorder } from './recorder.ts';
import { factsOfRequest } from './request-facts.ts';
import { methodOf, originalOf, standIn } from './stand-in.ts';

/**
 * `docker`, an object of the same kind, of which these calls become entries once they have ended, with actor and trace
 * of the caller: `createContainer`, `run`; `start`, `stop`, `restart`, `kill`, `pause`, `unpause`, `update`, `rename`,
 * `remove` and `exec` of its containers; `start` of an exec. Everything else passes. `docker` itself stays as it is.
 *
 * Cheap enough to be called for each request, with an `actor` of its own: what is audited already is not recorded
 * twice.
 *
 * @param docker a dockerode, any version from 4 on
 * @throws TypeError where `docker` is none, or naming the option that is wrong
 */
export function auditDocker<D extends object>(docker: D, options: AuditDockerOptions = {}): D {
  if (!isObject(docker) || typeof methodOf(docker, 'createContainer') !== 'function') {
    throw new TypeError('auditDocker takes a dockerode client: auditDocker(new Docker(), { log })');
  }
  checkAuditDockerOptions(options);
  const recorder = new ActRecorder({ ...options });
  const target = originalOf(docker);
  return standIn(target, {
    createContainer: (...args) => {
      const request = optionsOf(args);
      const record = recorder.begin((_error, created) => createAct(request, created));
      return follow(target, methodOf(target, 'createContainer'), args, {
        ended: (error, created) => {
          record(error, created);
          if (!isObject(created)) return created;
          const known = { names: namesOf(request), environment: environmentOf(request) };
          return auditContainer(created, recorder, new ContainerIdentity(created, known));
        },
      });
    },
    getContainer: (...args) => {
      const container = methodOf(target, 'getContainer').apply(target, args);
      return isObject(container) ? auditContainer(container, recorder) : container;
    },
    getExec: (...args) => {
      const exec = methodOf(target, 'getExec').apply(target, args);
      return isObject(exec) ? auditExec(exec, undefined, recorder) : exec;
    },
  });
}

function createAct(request: Readonly<Record<string, unknown>>, created: unknown): Act {
  const { container, data } = factsOfRequest(request);
  const values = data.environment as readonly string[];
  const command = data.command as readonly string[];
  const id = isObject(created) ? String((created as { readonly id?: unknown }).id) : undefined;
  const { labels } = container;
  return {
    event: containerCreate({
      ...data,
      // Where nothing was created there is no id, and the name that was wanted stands for it.
      container: { ...(id !== undefined && { id }), ...namesOf(request), labels } as ContainerRef,
      data: {
        ...(command.join('') === '' && { command: undefined }),
        environment: values.map((entry) => entry.split('=', 1)[0]),
      },
    }),
    company: values,
  };
}

function environmentOf({ Env }: Readonly<Record<string, unknown>>): readonly string[] {
  return Array.isArray(Env) ? Env.map(String) : [];
}

function namesOf({ name, Image }: Readonly<Record<string, unknown>>): Omit<ContainerRef, 'id'> {
  return {
    ...(typeof name === 'string' && name !== '' && { name }),
    ...(typeof Image === 'string' && { image: Image }),
  };
}
