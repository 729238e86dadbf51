import { createHash } from 'node:crypto';
import {
  auditConversation,
  auditModelCall,
  auditModelStream,
  type ModelCallOptions,
  readAnswer,
} from '@audit/agent';
import { type AuditLog, canonicalize, withAuditContext } from '@audit/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesOf, onlyEntry, withLog } from './support/log.ts';
import { ModelServer, TEXT } from './support/model-server.ts';

const TYPE = 'model.inference';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const messages = [
  { role: 'system', content: 'You calculate.' },
  { role: 'user', content: 'What is 6 × 7? My password is hunter2-and-more, password=hunter2-and-more' },
];

let server: ModelServer;
beforeAll(async () => {
  server = await ModelServer.listen();
});
afterAll(() => server.close());

const callOptions = (log: AuditLog, more: Partial<ModelCallOptions> = {}): ModelCallOptions => ({
  ...{ log, provider: 'openai', model: 'large-model', input: messages },
  ...more,
});

const APIS = [
  ['/v1/chat/completions', 'large-model-2026', 'chatcmpl-1', 'tool_calls'],
  ['/v1/responses', 'large-model-2026', 'resp_1', 'completed'],
  ['/v1/messages', 'small-model-2026', 'msg_1', 'tool_use'],
] as const;

describe.each(APIS)('%s', (path, responseModel, responseId, finishReason) => {
  const facts = {
    ...{
      provider: 'openai',
      model: 'large-model',
      operation: 'chat',
      responseModel,
      responseId,
      finishReason,
    },
    ...{ inputTokens: 11, outputTokens: 7, cachedInputTokens: 3, promptMessages: 2 },
    ...{ completion: TEXT, completionSha256: sha256(TEXT), completionBytes: TEXT.length },
    toolCalls: [{ name: 'multiply', arguments: '{"a":6,"b":7}' }],
  };

  it('a whole answer is handed on as it is, and is one entry', async () => {
    await withLog(async (log) => {
      const options = callOptions(log, { completion: 'clear' });
      const answer = await auditModelCall(() => server.ask(path, { model: 'large-model' }), options);
      expect(readAnswer(answer)).toMatchObject({ id: responseId, text: TEXT });
      const entry = await onlyEntry(log, TYPE);
      expect(entry).toMatchObject({
        ...{
          outcome: 'success',
          level: 'info',
          operation: 'chat',
          resource: { type: 'model', id: 'large-model' },
        },
        data: facts,
      });
      expect(entry.data.durationMs).toBeGreaterThan(0);
    });
  });

  it('a stream is handed on chunk by chunk, and is one entry of the same facts', async () => {
    await withLog(async (log) => {
      const options = callOptions(log, { completion: 'clear' });
      const chunks: unknown[] = [];
      for await (const chunk of auditModelStream(
        () => server.stream(path, { model: 'large-model' }),
        options,
      ))
        chunks.push(chunk);
      const direct: unknown[] = [];
      for await (const chunk of await server.stream(path, { model: 'large-model' })) direct.push(chunk);
      expect(chunks).toEqual(direct);
      const { outcome, data } = await onlyEntry(log, TYPE);
      expect(outcome).toBe('success');
      expect(data).toMatchObject({ ...facts, chunks: chunks.length });
      expect(data.firstChunkMs).toBeLessThanOrEqual(data.durationMs as number);
    });
  });

  it('a stream that breaks off is a failure with what had come', async () => {
    await withLog(async (log) => {
      const stream = auditModelStream(
        () => server.stream(path, { model: 'large-model', instead: 'break' }),
        callOptions(log, { completion: 'clear' }),
      );
      const read = async () => {
        for await (const _ of stream);
      };
      await expect(read()).rejects.toThrow('terminated');
      const entry = await onlyEntry(log, TYPE);
      expect(entry).toMatchObject({ outcome: 'failure', error: { message: 'terminated' } });
      expect(TEXT.startsWith(entry.data.completion as string)).toBe(true);
      expect(entry.data.chunks).toBeGreaterThan(0);
    });
  });

  it('a stream that is left early is aborted', async () => {
    await withLog(async (log) => {
      let seen = 0;
      for await (const _ of auditModelStream(
        () => server.stream(path, { model: 'large-model' }),
        callOptions(log),
      )) {
        if (++seen === 3) break;
      }
      const { outcome, data } = await onlyEntry(log, TYPE);
      expect([outcome, data.chunks]).toEqual(['aborted', 3]);
    });
  });
});

it('a source is told when its stream is left early', async () => {
  await withLog(async (log) => {
    let told = false;
    async function* source() {
      try {
        for (;;) yield { choices: [] };
      } finally {
        told = true;
      }
    }
    for await (const _ of auditModelStream(source, callOptions(log))) break;
    expect(told).toBe(true);
    expect((await onlyEntry(log, TYPE)).outcome).toBe('aborted');
  });
});

it('a stream nobody reads asks no model', async () => {
  await withLog(async (log) => {
    let asked = false;
    async function* source() {
      asked = true;
      yield 'chunk';
    }
    const stream = auditModelStream(source, callOptions(log));
    await stream.return();
    expect([asked, (await entriesOf(log, TYPE)).length]).toEqual([false, 0]);
  });
});

describe('what the model is asked and answers', () => {
  const recorded = (more: Partial<ModelCallOptions>) =>
    withLog(async (log) => {
      const call = () => ({ choices: [{ message: { content: 'Your password=hunter2-and-more is weak.' } }] });
      await auditModelCall(call, callOptions(log, more));
      return (await onlyEntry(log, TYPE)).data;
    });

  it('is hashes, unless it is said otherwise', async () => {
    const data = await recorded({});
    expect(data.prompt).toBe(`sha256:${sha256(canonicalize(messages))}`);
    expect(data.completion).toBe(`sha256:${sha256('Your password=hunter2-and-more is weak.')}`);
    expect(JSON.stringify(data)).not.toContain('hunter2');
  });

  it('is masked where that is asked for, messages too', async () => {
    const data = await recorded({ prompt: 'mask', completion: 'mask' });
    expect(data.completion).toBe('Your password=[REDACTED] is weak.');
    expect(data.prompt).toContain('"content":"What is 6 × 7?');
    expect(data.prompt).toContain('password=[REDACTED]');
    expect(JSON.parse(data.prompt as string)).toHaveLength(2);
  });

  it('is the same hash for the same messages, whatever the order of their members', async () => {
    const turned = messages.map(({ role, content }) => ({ content, role }));
    expect((await recorded({ input: turned })).prompt).toBe((await recorded({})).prompt);
  });

  it('is cut at as many bytes as are asked for', async () => {
    const data = await recorded({ prompt: 'clear', text: 60 });
    expect(data).toMatchObject({ promptCut: true, promptBytes: Buffer.byteLength(JSON.stringify(messages)) });
    expect(Buffer.byteLength(data.prompt as string)).toBeLessThanOrEqual(60);
  });

  it('is not in the entry where it is not known', async () => {
    await withLog(async (log) => {
      await auditModelCall(() => 'what is this', {
        log,
        provider: 'own',
        model: 'm',
        operation: 'embeddings',
      });
      const { data } = await onlyEntry(log, TYPE);
      expect(data).toEqual({
        ...{ provider: 'own', model: 'm', operation: 'embeddings' },
        durationMs: expect.any(Number),
      });
    });
  });

  it('is read by a reader of the application where there is one; one that throws costs what it reads', async () => {
    await withLog(async (log) => {
      const read = (response: unknown) => ({ outputTokens: (response as { tokens: number }).tokens });
      await auditModelCall(() => ({ tokens: 5 }), callOptions(log, { read }));
      const broken = () => {
        throw new Error('broken');
      };
      expect(await auditModelCall(() => 'answer', callOptions(log, { read: broken }))).toBe('answer');
      async function* stream() {
        yield { tokens: 1 };
        yield { tokens: 2 };
      }
      const last = (chunks: unknown) => read((chunks as unknown[]).at(-1));
      for await (const _ of auditModelStream(stream, callOptions(log, { read: last })));
      const tokens = (await entriesOf(log, TYPE)).map(({ data }) => data?.outputTokens);
      expect(tokens).toEqual([5, undefined, 2]);
    });
  });
});

describe('a call that fails', () => {
  it.each([
    ['refuse', 'denied', '401'],
    ['busy', 'failure', '429'],
    ['wrong', 'failure', '500'],
  ] as const)('by %s is %s, and its error is thrown on', async (instead, outcome, code) => {
    await withLog(async (log) => {
      const call = () => server.ask('/v1/messages', { model: 'm', instead });
      await expect(auditModelCall(call, callOptions(log))).rejects.toMatchObject({ status: Number(code) });
      expect(await onlyEntry(log, TYPE)).toMatchObject({ outcome, error: { name: 'ApiError', code } });
    });
  });

  it('because its caller wants no answer any more is aborted', async () => {
    await withLog(async (log) => {
      const call = () => server.ask('/v1/messages', { model: 'm' }, AbortSignal.abort());
      await expect(auditModelCall(call, callOptions(log))).rejects.toMatchObject({ name: 'AbortError' });
      expect((await onlyEntry(log, TYPE)).outcome).toBe('aborted');
    });
  });

  it('inside of an answer is a failure, too', async () => {
    await withLog(async (log) => {
      const response = {
        object: 'response',
        status: 'failed',
        error: { code: 'server_error', message: 'out of order' },
      };
      expect(await auditModelCall(() => response, callOptions(log))).toBe(response);
      async function* stream() {
        yield { type: 'message_start', message: { id: 'm', usage: {} } };
        yield { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
      }
      for await (const _ of auditModelStream(stream, callOptions(log)));
      expect((await entriesOf(log, TYPE)).map(({ outcome, error }) => [outcome, error?.message])).toEqual([
        ['failure', 'out of order'],
        ['failure', 'Overloaded'],
      ]);
    });
  });
});

describe('strict', () => {
  it('is two entries of one span; the first is there before the model is asked', async () => {
    await withLog(async (log) => {
      const before: unknown[] = [];
      const call = async () => {
        for (const { data } of await entriesOf(log, TYPE)) before.push(data?.phase);
        return {};
      };
      await auditModelCall(call, callOptions(log, { onFailure: 'strict' }));
      expect(before).toEqual(['started']);
      const [started, finished] = await entriesOf(log, TYPE);
      expect([started?.outcome, finished?.data?.phase]).toEqual(['unknown', 'finished']);
      expect(started?.trace).toEqual(finished?.trace);
    });
  });

  it('asks no model that cannot be recorded, and gives no answer whose end cannot be', async () => {
    await withLog(async (log) => {
      let lost = 'started';
      log.use((event, next) => {
        if (event.data?.phase !== lost) next(event);
      });
      let asked = 0;
      const call = () => {
        asked++;
        return 'answer';
      };
      async function* stream() {
        asked++;
        yield 'chunk';
      }
      const options = callOptions(log, { onFailure: 'strict' });
      const readAll = async () => {
        for await (const _ of auditModelStream(stream, options));
      };
      await expect(auditModelCall(call, options)).rejects.toMatchObject({ code: 'NOT_RECORDED' });
      await expect(readAll()).rejects.toMatchObject({ code: 'NOT_RECORDED' });
      expect(asked).toBe(0);
      lost = 'finished';
      const refused = { code: 'NOT_RECORDED', result: 'answer' };
      await expect(auditModelCall(call, options)).rejects.toMatchObject(refused);
      await expect(readAll()).rejects.toMatchObject({ code: 'NOT_RECORDED' });
      expect(asked).toBe(2);
      expect(log.health().lost).toMatchObject({ 'agent-refused': 2, 'agent-unfinished': 2 });
    });
  });
});

it('who asks is who called, not who reads the stream', async () => {
  await withLog(async (log) => {
    const actor = (id: string) => ({ actor: { type: 'agent', id } });
    const stream = withAuditContext(actor('coder'), () =>
      auditModelStream(() => server.stream('/v1/messages', { model: 'm' }), callOptions(log)),
    );
    await withAuditContext(actor('reader'), async () => {
      for await (const _ of stream);
    });
    expect((await onlyEntry(log, TYPE)).actor).toEqual(actor('coder').actor);
  });
});

it('an answer may hold anything: what is odd is left', () => {
  const odd: readonly unknown[] = [
    ...[
      null,
      7,
      'text',
      [],
      {},
      { choices: {} },
      { choices: [null, 7, { message: 5 }, { delta: { content: 9 } }] },
    ],
    {
      choices: [{ message: { tool_calls: [null, { function: { name: 1 } }] } }],
      usage: { prompt_tokens: -1 },
    },
    { type: 'message', content: [null, { type: 'text' }, { type: 'tool_use' }], usage: 3 },
    { object: 'response', output: [null, { type: 'message', content: 'x' }], usage: { input_tokens: 1.5 } },
    { object: 'response', output: { length: 9 } },
  ];
  for (const response of odd) {
    const { inputTokens, text } = readAnswer(response);
    expect([inputTokens, text]).toEqual([undefined, undefined]);
  }
  const many = Array.from({ length: 5_000 }, (_, index) => ({
    index,
    function: { name: 'n', arguments: '1' },
  }));
  expect(readAnswer({ choices: [{ message: { tool_calls: many } }] }).toolCalls).toHaveLength(128);
});

it('a conversation is recorded with its summary as the completion would be', async () => {
  await withLog(async (log) => {
    const options = { log, conversation: 'c1', messages: 4, tokens: 90, summary: 'They multiplied.' };
    await auditConversation(options);
    await auditConversation({ ...options, completion: 'clear', onFailure: 'strict' });
    const [hashed, clear] = await entriesOf(log, 'conversation.summary');
    expect(hashed?.data).toEqual({
      ...{ conversation: 'c1', messages: 4, tokens: 90 },
      ...{ summary: `sha256:${sha256('They multiplied.')}`, summaryBytes: 16 },
    });
    expect(clear?.data).toMatchObject({ summary: 'They multiplied.' });
    await expect(auditConversation({ ...options, conversation: '' })).rejects.toThrow(
      /options\.conversation/,
    );
  });
});

it('what is no option, or not of its type, is refused by name', async () => {
  await withLog(async (log) => {
    const wrong: readonly [object, RegExp][] = [
      [{ provider: '' }, /options\.provider must be a text/],
      [{ model: 7 }, /options\.model must be a text/],
      [{ propmt: 'hash' }, /options\.propmt is not an option/],
      [{ prompt: 'all' }, /options\.prompt must be one of hash, mask, clear/],
      [{ text: 100_000 }, /options\.text must be a whole number from 0 to 32768/],
      [{ read: 'x' }, /options\.read must be a function/],
    ];
    for (const [more, message] of wrong) {
      const options = callOptions(log, more as Partial<ModelCallOptions>);
      await expect(auditModelCall(() => 1, options)).rejects.toThrow(message);
      expect(() => auditModelStream(async function* () {}, options)).toThrow(message);
    }
  });
});
