// Answers of OpenAI's responses: one object, or events of which the last brings the whole.
import { isMembers, listIn, type Members, membersIn, textIn } from '../members.ts';
import { type Answer, type AnswerReader, countOf } from './answer.ts';
import { BoundedText } from './bounded-text.ts';
import { ToolCalls } from './tool-calls.ts';

export class OpenAiResponsesReader implements AnswerReader {
  /** What has come of a stream; the whole response says it again, and better. */
  readonly #streamed = new BoundedText();
  #response: Members = {};

  knows(message: Members): boolean {
    return message.object === 'response' || (textIn(message, 'type')?.startsWith('response.') ?? false);
  }

  take(message: Members): void {
    if (message.object === 'response') this.#response = message;
    else if (isMembers(message.response)) this.#response = message.response;
    else if (message.type === 'response.output_text.delta' || message.type === 'response.refusal.delta') {
      this.#streamed.add(message.delta);
    }
  }

  answer(): Answer {
    const { usage } = this.#response;
    const reason = textIn(membersIn(this.#response, 'incomplete_details'), 'reason');
    const { text, calls } = outputOf(this.#response);
    return {
      model: textIn(this.#response, 'model'),
      id: textIn(this.#response, 'id'),
      finishReason: reason ?? textIn(this.#response, 'status'),
      inputTokens: countOf(membersIn(this.#response, 'usage').input_tokens),
      outputTokens: countOf(membersIn(this.#response, 'usage').output_tokens),
      cachedInputTokens: countOf(membersIn(usage, 'input_tokens_details').cached_tokens),
      text: text.text ?? this.#streamed.text,
      toolCalls: calls.all,
      error: textIn(membersIn(this.#response, 'error'), 'message'),
    };
  }
}

function outputOf(response: Members): { readonly text: BoundedText; readonly calls: ToolCalls } {
  const text = new BoundedText();
  const calls = new ToolCalls();
  listIn(response, 'output').forEach((item, i) => {
    const id = textIn(item, 'call_id');
    if (textIn(item, 'type') === 'function_call') {
      calls.add(i, { id, name: textIn(item, 'name'), arguments: textIn(item, 'arguments') });
    }
    for (const part of listIn(item, 'content')) {
      if (!isMembers(part)) continue;
      text.add(part.type === 'refusal' ? part.refusal : part.type === 'output_text' ? part.text : undefined);
    }
  });
  return { text, calls };
}
