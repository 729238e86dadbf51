// A call of a model as `model.inference`.
import { type AuditEvent, modelInference, type Outcome, toJson } from '@audit/core';
import { textOf, treat, treated } from '../content/treatment.ts';
import type { Answer, ToolCall } from './answer.ts';
import { DEFAULT_OPERATION, type ModelCallOptions, type ModelSettings } from './options.ts';

/** Calls of tools that are recorded; the others are counted. */
const MOST_CALLS = 16;
const MOST_NAME = 128;

/** How a call went. */
export interface Course {
  readonly answer: Answer;
  readonly durationMs: number;
  readonly outcome: Outcome;
  readonly error?: unknown;
  /** Of a stream: chunks that came, and when the first did. */
  readonly chunks?: number;
  readonly firstChunkMs?: number | undefined;
}

export class CallTold {
  readonly #options: ModelCallOptions;
  readonly #settings: ModelSettings;
  readonly #asked: Readonly<Record<string, unknown>>;

  constructor(options: ModelCallOptions, settings: ModelSettings) {
    const { input, conversation, request, data } = options;
    this.#options = options;
    this.#settings = settings;
    this.#asked = {
      ...data,
      ...(conversation !== undefined && { conversation }),
      ...(request !== undefined && { request }),
      ...(Array.isArray(input) && { promptMessages: input.length }),
      ...(input !== undefined && treated('prompt', textOf(input), settings.prompt, settings.text)),
    };
  }

  /** Before it is made: nobody knows how it ends. */
  started(): AuditEvent {
    return this.#event(this.#asked, 'unknown');
  }

  finished({ answer, outcome, error, durationMs, chunks, firstChunkMs }: Course): AuditEvent {
    const { text, toolCalls = [], model: responseModel, id: responseId } = answer;
    const { inputTokens, outputTokens, cachedInputTokens, finishReason } = answer;
    const calls = toolCalls.slice(0, MOST_CALLS).map((call) => this.#call(call));
    const facts = {
      ...this.#asked,
      ...{ durationMs, chunks, firstChunkMs, responseModel, responseId },
      ...{ inputTokens, outputTokens, cachedInputTokens, finishReason },
      ...(text !== undefined && treated('completion', text, this.#settings.completion, this.#settings.text)),
      ...(calls.length > 0 && { toolCalls: calls }),
      ...(toolCalls.length > MOST_CALLS && { toolCallsOmitted: toolCalls.length - MOST_CALLS }),
    };
    return this.#event(facts, outcome, error);
  }

  #event(data: Readonly<Record<string, unknown>>, outcome: Outcome, error?: unknown): AuditEvent {
    const { provider, model, operation = DEFAULT_OPERATION } = this.#options;
    return modelInference({
      ...{ provider, model, inference: operation, outcome },
      // Over what the caller adds, whose names may be those of facts.
      data: { ...data, provider, model, operation },
      ...(error !== undefined && { error: errorOf(error) }),
    });
  }

  #call({ name, id, arguments: given }: ToolCall): Readonly<Record<string, unknown>> {
    const { completion, text } = this.#settings;
    return {
      name: name.slice(0, MOST_NAME),
      ...(id !== undefined && { id: id.slice(0, MOST_NAME) }),
      ...(given !== undefined && { arguments: treat(given, completion, text).told }),
    };
  }
}

/** Clients give the status of a refusal beside the message. */
function errorOf(error: unknown): { name?: string; message: string; code?: string } {
  if (!(error instanceof Error)) return { message: String(toJson(error)) };
  const { name, message, code, status } = error as Error & {
    readonly code?: unknown;
    readonly status?: unknown;
  };
  const told = code ?? status;
  return { name, message, ...(told !== undefined && told !== null && { code: String(told) }) };
}
