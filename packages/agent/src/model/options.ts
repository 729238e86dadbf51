// What a policy says of model calls, what else a call takes, and the check of both.
import { checkNames, filled, oneOf, whole } from '../check.ts';
import {
  DEFAULT_TEXT,
  DEFAULT_TREATMENT,
  MAX_TEXT,
  TREATMENTS,
  type Treatment,
} from '../content/treatment.ts';
import { type AgentOnFailure, RECORDING_NAMES, type RecordingOptions } from '../recording.ts';
import type { Answer } from './answer.ts';

/** `gen_ai.operation.name` of a call that is none other. */
export const DEFAULT_OPERATION = 'chat';

/** What a policy says of model calls. */
export interface ModelOptions {
  /** What is recorded of what the model is asked. Default `DEFAULT_TREATMENT`. */
  readonly prompt?: Treatment | undefined;
  /** What is recorded of what it answers, arguments of tools included. Default `DEFAULT_TREATMENT`. */
  readonly completion?: Treatment | undefined;
  /** Bytes of each text that are recorded, where texts are. Default `DEFAULT_TEXT`. */
  readonly text?: number | undefined;
  /** Default `DEFAULT_ON_FAILURE`. */
  readonly onFailure?: AgentOnFailure | undefined;
}

/** One call, in OpenTelemetry's `gen_ai` terms. */
export interface ModelCallOptions extends ModelOptions, RecordingOptions {
  /** `gen_ai.provider.name`: `openai`, `anthropic`, `aws.bedrock`, … */
  readonly provider: string;
  /** `gen_ai.request.model` */
  readonly model: string;
  /** `gen_ai.operation.name`: `chat`, `embeddings`, `text_completion`, … Default `DEFAULT_OPERATION`. */
  readonly operation?: string | undefined;
  /** `gen_ai.conversation.id` */
  readonly conversation?: string | undefined;
  /** What the model is asked: a text, or messages. */
  readonly input?: unknown;
  /** Facts of the request: `{ temperature, maxTokens, … }`. */
  readonly request?: Readonly<Record<string, unknown>> | undefined;
  /** Reads answers of an API of your own; of a stream it is given the chunks so far, at most the last 1,024. */
  readonly read?: ((response: unknown) => Answer) | undefined;
  /** More facts for the entry. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

export interface ModelSettings {
  readonly prompt: Treatment;
  readonly completion: Treatment;
  readonly text: number;
}

const NAMES = ['prompt', 'completion', 'text', ...RECORDING_NAMES];
const CALL_NAMES = [
  ...[...NAMES, 'provider', 'model', 'operation', 'conversation', 'input', 'request', 'read', 'data'],
];

/** @throws TypeError, RangeError naming the option */
export function checkModelCall(options: ModelCallOptions): ModelSettings {
  checkNames(options, CALL_NAMES);
  filled('provider', options.provider);
  filled('model', options.model);
  if (options.operation !== undefined) filled('operation', options.operation);
  if (options.read !== undefined && typeof options.read !== 'function') {
    throw new TypeError('options.read must be a function');
  }
  return resolveModel(options);
}

/** @throws TypeError, RangeError naming the option */
export function resolveModel(options: ModelOptions): ModelSettings {
  return {
    prompt: oneOf('prompt', options.prompt ?? DEFAULT_TREATMENT, TREATMENTS),
    completion: oneOf('completion', options.completion ?? DEFAULT_TREATMENT, TREATMENTS),
    text: whole('text', options.text ?? DEFAULT_TEXT, 0, MAX_TEXT),
  };
}
