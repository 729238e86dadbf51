// What is read of a model's answer, whichever API gave it. OpenTelemetry's gen_ai attributes are named beside.
import type { Members } from '../members.ts';

export interface ToolCall {
  readonly name: string;
  readonly id?: string | undefined;
  /** As JSON, where the API has it so; texts are what the model wrote, whether JSON or not. */
  readonly arguments?: string | undefined;
}

/** Facts of an answer; what the API does not say is left out. */
export interface Answer {
  /** `gen_ai.response.model` */
  readonly model?: string | undefined;
  /** `gen_ai.response.id` */
  readonly id?: string | undefined;
  /** `gen_ai.response.finish_reasons`, in the words of the API; several are joined by a comma. */
  readonly finishReason?: string | undefined;
  /** `gen_ai.usage.input_tokens`, those from a cache included. */
  readonly inputTokens?: number | undefined;
  /** `gen_ai.usage.output_tokens` */
  readonly outputTokens?: number | undefined;
  /** `gen_ai.usage.cache_read.input_tokens` */
  readonly cachedInputTokens?: number | undefined;
  /** What the model wrote. */
  readonly text?: string | undefined;
  readonly toolCalls?: readonly ToolCall[] | undefined;
  /** What went wrong, where the API tells it inside of an answer. */
  readonly error?: string | undefined;
}

/** Puts the answer of one API together: from a whole response, or chunk by chunk. */
export interface AnswerReader {
  /** Whether the chunk, or the response, is of this API. */
  knows(message: Members): boolean;
  take(message: Members): void;
  /** What is known so far. */
  answer(): Answer;
}

/** A whole number from 0 on; nothing else counts tokens. */
export function countOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}
