// The answer of a model, of whichever API it is: found by its shape.
import { isMembers } from '../members.ts';
import type { Answer, AnswerReader } from './answer.ts';
import { AnthropicReader } from './anthropic.ts';
import { OpenAiChatReader } from './openai-chat.ts';
import { OpenAiResponsesReader } from './openai-responses.ts';

/** Takes a response, or the chunks of one, and finds out by the first it knows how to read them. */
export class ShapeReader {
  #reader: AnswerReader | undefined;

  take(message: unknown): void {
    if (!isMembers(message)) return;
    this.#reader ??= [new OpenAiResponsesReader(), new AnthropicReader(), new OpenAiChatReader()].find(
      (reader) => reader.knows(message),
    );
    this.#reader?.take(message);
  }

  /** Empty where no API is known that answers so. */
  answer(): Answer {
    return this.#reader?.answer() ?? {};
  }
}

/**
 * What is known of a whole response: of OpenAI's chat completions and responses, of Anthropic's messages, and of those who
 * speak like them.
 */
export function readAnswer(response: unknown): Answer {
  const reader = new ShapeReader();
  reader.take(response);
  return reader.answer();
}
