import { auditExecution, startAgent, startSession } from '@audit/agent';
import { type AuditLog, type Entry, getAuditContext, withAuditContext } from '@audit/core';
import { describe, expect, it } from 'vitest';
import { entriesOf, withLog } from './support/log.ts';

async function told(log: AuditLog): Promise<readonly Entry[]> {
  const all = await Promise.all(['agent.*', 'session.*', 'code.*'].map((type) => entriesOf(log, type)));
  return all.flat().sort((a, b) => a.seq - b.seq);
}

describe('an agent', () => {
  it('is on record from its making to its stop, with all it does in its sessions', async () => {
    await withLog(async (log) => {
      const maker = { type: 'user', id: 'anna' };
      const options = {
        log,
        agent: 'coder',
        model: 'large-model',
        tools: ['python'],
        parent: 'planner',
        data: { version: 3 },
      };
      const agent = await withAuditContext({ actor: maker }, () => startAgent(options));
      const session = await agent.startSession({ session: 's1', user: 'anna' });
      expect(await session.run(() => auditExecution(() => 42, { log }))).toBe(42);
      await agent.fail(new RangeError('no idea'));
      await agent.stop('done');
      await agent.stop();

      const acting = { type: 'agent', id: 'coder', agentId: 'coder' };
      const inSession = { ...acting, sessionId: 's1', onBehalfOf: 'anna' };
      expect((await told(log)).map(({ type, outcome, actor }) => [type, outcome, actor])).toEqual([
        ['agent.create', 'success', maker],
        ['session.start', 'success', inSession],
        ['code.execution', 'success', inSession],
        ['agent.error', 'failure', acting],
        ['session.end', 'success', inSession],
        ['agent.stop', 'success', acting],
      ]);
      const [create, start, , error, end, stop] = await told(log);
      expect(create?.data).toEqual({
        agent: 'coder',
        model: 'large-model',
        tools: ['python'],
        parent: 'planner',
        version: 3,
      });
      expect(start).toMatchObject({
        resource: { type: 'session', id: 's1' },
        data: { sessionRef: 's1', user: 'anna' },
      });
      expect(error?.error).toMatchObject({ name: 'RangeError', message: 'no idea' });
      expect(end?.data).toMatchObject({ reason: 'agent stopped', durationMs: expect.any(Number) });
      expect(stop?.data).toMatchObject({ agent: 'coder', reason: 'done' });
      await expect(agent.startSession()).rejects.toThrow('agent coder is stopped');
    });
  });

  it('ends with the block it is used in, sessions first, each once', async () => {
    await withLog(async (log) => {
      {
        await using agent = await startAgent({ log, agent: 'a', onFailure: 'strict' });
        await using session = await agent.startSession();
        await agent.startSession({ session: 'second' });
        await session.end('enough');
      }
      const types = (await told(log)).map(({ type, resource }) => [type, resource.id === 'second']);
      expect(types).toEqual([
        ['agent.create', false],
        ['session.start', false],
        ['session.start', true],
        ['session.end', false],
        ['session.end', true],
        ['agent.stop', false],
      ]);
    });
  });

  it('strict, is not made where that cannot be recorded', async () => {
    await withLog(async (log) => {
      log.use((event, next) => {
        if (!event.type.startsWith('agent.')) next(event);
      });
      const made = startAgent({ log, agent: 'a', onFailure: 'strict' });
      await expect(made).rejects.toMatchObject({ code: 'NOT_RECORDED' });
    });
  });
});

describe('a session', () => {
  it('without anybody is of its user, or of itself', async () => {
    await withLog(async (log) => {
      const ofUser = await startSession({ log, session: 's', user: 'anna' });
      expect(ofUser.context.actor).toEqual({ type: 'user', id: 'anna', sessionId: 's' });
      const ofNobody = await startSession({ log });
      expect(ofNobody.context.actor).toEqual({ type: 'session', id: ofNobody.id, sessionId: ofNobody.id });
      expect(ofUser.run(() => getAuditContext()?.actor?.id)).toBe('anna');
      await ofUser.end();
      await ofNobody.end();
    });
  });

  it('keeps the trace it runs in', async () => {
    await withLog(async (log) => {
      const trace = { traceId: 'b'.repeat(32), spanId: 'c'.repeat(16) };
      await withAuditContext({ trace }, async () => {
        const session = await startSession({ log });
        await session.run(() => auditExecution(() => 1, { log }));
        await session.end();
      });
      for (const entry of await told(log)) {
        expect(entry.trace).toMatchObject({ traceId: trace.traceId, parentId: trace.spanId });
      }
    });
  });
});

it('what is no option, or not of its type, is refused by name', async () => {
  await withLog(async (log) => {
    await expect(startAgent({ log, agent: '' })).rejects.toThrow(/options\.agent must be a text/);
    await expect(startAgent({ log, agent: 'a', tool: [] } as never)).rejects.toThrow(
      /options\.tool is not an option/,
    );
    await expect(startSession({ log, session: '' })).rejects.toThrow(/options\.session must be a text/);
  });
});
