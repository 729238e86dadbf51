// Answers of Anthropic's messages: one object, or events of which each brings a part.
import { isMembers, listIn, type Members, membersIn, textIn } from '../members.ts';
import { type Answer, type AnswerReader, countOf } from './answer.ts';
import { BoundedText } from './bounded-text.ts';
import { ToolCalls } from './tool-calls.ts';

const EVENTS: ReadonlySet<unknown> = new Set([
  ...['message_start', 'message_delta', 'message_stop', 'ping', 'error'],
  ...['content_block_start', 'content_block_delta', 'content_block_stop'],
]);

export class AnthropicReader implements AnswerReader {
  readonly #text = new BoundedText();
  readonly #calls = new ToolCalls();
  #message: Members = {};
  #usage: Members = {};
  #reason: string | undefined;
  #error: string | undefined;

  knows(message: Members): boolean {
    return (message.type === 'message' && Array.isArray(message.content)) || EVENTS.has(message.type);
  }

  take(message: Members): void {
    switch (message.type) {
      case 'message':
        this.#begin(message);
        break;
      case 'message_start':
        this.#begin(membersIn(message, 'message'));
        break;
      case 'content_block_start':
        this.#block(message.index, message.content_block);
        break;
      case 'content_block_delta': {
        const { text, partial_json } = membersIn(message, 'delta');
        this.#text.add(text);
        if (partial_json !== undefined) this.#calls.add(message.index, { arguments: partial_json });
        break;
      }
      case 'message_delta':
        // Counts are of the whole message until now.
        this.#usage = { ...this.#usage, ...membersIn(message, 'usage') };
        this.#reason = textIn(membersIn(message, 'delta'), 'stop_reason') ?? this.#reason;
        break;
      case 'error':
        this.#error = textIn(membersIn(message, 'error'), 'message') ?? 'error';
        break;
      default:
    }
  }

  answer(): Answer {
    const cached = countOf(this.#usage.cache_read_input_tokens);
    const written = countOf(this.#usage.cache_creation_input_tokens);
    const fresh = countOf(this.#usage.input_tokens);
    return {
      model: textIn(this.#message, 'model'),
      id: textIn(this.#message, 'id'),
      finishReason: this.#reason,
      // The API counts what comes from its cache, and what goes there, apart.
      inputTokens: fresh === undefined ? undefined : fresh + (cached ?? 0) + (written ?? 0),
      outputTokens: countOf(this.#usage.output_tokens),
      cachedInputTokens: cached,
      text: this.#text.text,
      toolCalls: this.#calls.all,
      error: this.#error,
    };
  }

  #begin(message: Members): void {
    this.#message = message;
    this.#usage = membersIn(message, 'usage');
    this.#reason = textIn(message, 'stop_reason');
    listIn(message, 'content').forEach((block, i) => {
      this.#block(i, block);
    });
  }

  #block(index: unknown, block: unknown): void {
    if (!isMembers(block)) return;
    if (block.type === 'text') this.#text.add(block.text);
    if (block.type !== 'tool_use') return;
    // In a stream it begins empty, and its parts follow.
    const empty = isMembers(block.input) && Object.keys(block.input).length === 0;
    const given = empty ? undefined : block.input;
    this.#calls.add(index, { id: textIn(block, 'id'), name: textIn(block, 'name'), arguments: given });
  }
}
