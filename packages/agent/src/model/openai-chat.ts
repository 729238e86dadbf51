// Answers of OpenAI's chat completions, its older completions and embeddings, and of the many who speak like them.
import { isMembers, listIn, type Members, membersIn, textIn } from '../members.ts';
import { type Answer, type AnswerReader, countOf } from './answer.ts';
import { BoundedText } from './bounded-text.ts';
import { ToolCalls } from './tool-calls.ts';

export class OpenAiChatReader implements AnswerReader {
  readonly #text = new BoundedText();
  readonly #calls = new ToolCalls();
  readonly #reasons = new Map<unknown, string>();
  #model: string | undefined;
  #id: string | undefined;
  #usage: Members = {};

  knows(message: Members): boolean {
    return (
      Array.isArray(message.choices) ||
      // Embeddings.
      (message.object === 'list' && Array.isArray(message.data) && isMembers(message.usage))
    );
  }

  take(message: Members): void {
    this.#model ??= textIn(message, 'model');
    this.#id ??= textIn(message, 'id');
    // The last chunk has it, where it was asked for by `stream_options.include_usage`.
    if (isMembers(message.usage)) this.#usage = message.usage;
    listIn(message, 'choices').forEach((choice, i) => {
      const index = isMembers(choice) ? (choice.index ?? i) : i;
      const said = isMembers(choice) && isMembers(choice.delta) ? choice.delta : membersIn(choice, 'message');
      this.#text.add(said.content);
      this.#text.add(said.refusal);
      this.#text.add(isMembers(choice) ? choice.text : undefined);
      listIn(said, 'tool_calls').forEach((call, n) => {
        const { name, arguments: given } = membersIn(call, 'function');
        const at = isMembers(call) ? (call.index ?? n) : n;
        const id = textIn(call, 'id');
        this.#calls.add(`${index}/${at}`, {
          id,
          name: typeof name === 'string' ? name : undefined,
          arguments: given,
        });
      });
      const reason = textIn(choice, 'finish_reason');
      if (reason !== undefined) this.#reasons.set(index, reason);
    });
  }

  answer(): Answer {
    return {
      model: this.#model,
      id: this.#id,
      finishReason: this.#reasons.size > 0 ? [...new Set(this.#reasons.values())].join(', ') : undefined,
      inputTokens: countOf(this.#usage.prompt_tokens),
      outputTokens: countOf(this.#usage.completion_tokens),
      cachedInputTokens: countOf(membersIn(this.#usage, 'prompt_tokens_details').cached_tokens),
      text: this.#text.text,
      toolCalls: this.#calls.all,
    };
  }
}
