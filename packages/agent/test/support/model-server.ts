// A model on a real HTTP server: answers as the published APIs do, whole or as server-sent events, and fails as they do.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly model: string;
  readonly stream?: boolean;
  /** What the server is to do instead of answering. */
  readonly instead?: 'refuse' | 'busy' | 'break' | 'wrong';
}

export const TEXT = 'Six times seven is 42.';
const PARTS = ['Six times ', 'seven ', 'is 42.'];
const ARGUMENTS = '{"a":6,"b":7}';

/** By path: the whole answer, and what it is made of as a stream. */
const ANSWERS: Readonly<Record<string, { readonly whole: object; readonly events: readonly object[] }>> = {
  '/v1/chat/completions': {
    whole: {
      ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1_767_225_600, model: 'large-model-2026' },
      choices: [
        {
          index: 0,
          message: {
            ...{ role: 'assistant', content: TEXT, refusal: null },
            tool_calls: [
              { id: 'call_1', type: 'function', function: { name: 'multiply', arguments: ARGUMENTS } },
            ],
          },
          finish_reason: 'tool_calls',
        },
      ],
      usage: {
        ...{ prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
        prompt_tokens_details: { cached_tokens: 3 },
      },
    },
    events: [
      chatChunk({ role: 'assistant', content: '' }),
      ...PARTS.map((content) => chatChunk({ content })),
      chatChunk({
        tool_calls: [
          { index: 0, id: 'call_1', type: 'function', function: { name: 'multiply', arguments: '' } },
        ],
      }),
      chatChunk({ tool_calls: [{ index: 0, function: { arguments: '{"a":6,' } }] }),
      chatChunk({ tool_calls: [{ index: 0, function: { arguments: '"b":7}' } }] }),
      chatChunk({}, 'tool_calls'),
      {
        ...{ id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'large-model-2026', choices: [] },
        usage: { prompt_tokens: 11, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 3 } },
      },
    ],
  },
  '/v1/responses': {
    whole: responsesWhole(),
    events: [
      {
        type: 'response.created',
        response: { id: 'resp_1', object: 'response', status: 'in_progress', output: [] },
      },
      ...PARTS.map((delta) => ({ type: 'response.output_text.delta', output_index: 0, delta })),
      { type: 'response.completed', response: responsesWhole() },
    ],
  },
  '/v1/messages': {
    whole: {
      ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'small-model-2026', stop_sequence: null },
      content: [
        { type: 'text', text: TEXT },
        { type: 'tool_use', id: 'toolu_1', name: 'multiply', input: { a: 6, b: 7 } },
      ],
      stop_reason: 'tool_use',
      usage: {
        input_tokens: 6,
        output_tokens: 7,
        cache_read_input_tokens: 3,
        cache_creation_input_tokens: 2,
      },
    },
    events: [
      {
        type: 'message_start',
        message: {
          ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'small-model-2026', content: [] },
          usage: {
            input_tokens: 6,
            output_tokens: 1,
            cache_read_input_tokens: 3,
            cache_creation_input_tokens: 2,
          },
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'ping' },
      ...PARTS.map((text) => ({
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'text_delta', text },
      })),
      { type: 'content_block_stop', index: 0 },
      {
        ...{ type: 'content_block_start', index: 1 },
        content_block: { type: 'tool_use', id: 'toolu_1', name: 'multiply', input: {} },
      },
      ...['{"a":6,', '"b":7}'].map((partial_json) => ({
        ...{ type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json } },
      })),
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 7 } },
      { type: 'message_stop' },
    ],
  },
};

function chatChunk(delta: object, finish_reason: string | null = null): object {
  const choices = [{ index: 0, delta, finish_reason }];
  return { id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'large-model-2026', choices };
}

function responsesWhole(): object {
  return {
    ...{ id: 'resp_1', object: 'response', status: 'completed', model: 'large-model-2026', error: null },
    output: [
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: TEXT, annotations: [] }] },
      { type: 'function_call', call_id: 'call_1', name: 'multiply', arguments: ARGUMENTS },
    ],
    usage: { input_tokens: 11, output_tokens: 7, input_tokens_details: { cached_tokens: 3 } },
  };
}

/** What the clients of these APIs throw. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export class ModelServer {
  readonly #server = createServer((request, response) => void answer(request, response));

  static async listen(): Promise<ModelServer> {
    const server = new ModelServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** As a client asks. */
  async ask(path: string, asked: Asked, signal?: AbortSignal): Promise<unknown> {
    return (await this.#post(path, asked, signal)).json();
  }

  async stream(path: string, asked: Asked): Promise<AsyncIterable<Record<string, unknown>>> {
    const { body } = await this.#post(path, { ...asked, stream: true });
    return eventsOf(body as unknown as AsyncIterable<Uint8Array>);
  }

  async #post(path: string, asked: Asked, signal?: AbortSignal): Promise<Response> {
    const { port } = this.#server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      ...{ method: 'POST', body: JSON.stringify(asked) },
      ...(signal !== undefined && { signal }),
    });
    if (response.ok) return response;
    throw new ApiError(response.status, await response.text());
  }
}

async function* eventsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Record<string, unknown>> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
      text = text.slice(end + 2);
      if (data !== undefined && data !== '[DONE]') yield JSON.parse(data) as Record<string, unknown>;
    }
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = '';
  for await (const chunk of request) text += chunk;
  const asked = JSON.parse(text) as Asked;
  const given = ANSWERS[request.url ?? ''];
  if (given === undefined || asked.instead === 'wrong') response.writeHead(500).end('the model is unwell');
  else if (asked.instead === 'refuse') response.writeHead(401).end('no such key');
  else if (asked.instead === 'busy') response.writeHead(429).end('too many requests');
  else if (asked.stream === true) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const count = asked.instead === 'break' ? Math.ceil(given.events.length / 2) : given.events.length;
    for (const event of given.events.slice(0, count)) response.write(`data: ${JSON.stringify(event)}\n\n`);
    if (asked.instead === 'break') setTimeout(() => response.destroy(), 50);
    else response.end('data: [DONE]\n\n');
  } else if (asked.instead === 'break') response.destroy();
  else response.end(JSON.stringify(given.whole));
}
