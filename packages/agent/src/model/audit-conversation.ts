// What a conversation came to, on record.
import { conversationSummary } from '@audit/core';
import { checkNames, filled } from '../check.ts';
import { treated } from '../content/treatment.ts';
import { RECORDING_NAMES, Recording, type RecordingOptions } from '../recording.ts';
import { type ModelOptions, resolveModel } from './options.ts';

export interface ConversationOptions extends ModelOptions, RecordingOptions {
  /** `gen_ai.conversation.id` */
  readonly conversation: string;
  /** How many there were. */
  readonly messages?: number | undefined;
  /** Of all calls together. */
  readonly tokens?: number | undefined;
  /** Recorded as `completion` says. */
  readonly summary?: string | undefined;
}

const NAMES = [
  ...['prompt', 'completion', 'text', ...RECORDING_NAMES],
  ...['conversation', 'messages', 'tokens', 'summary'],
];

/**
 * Records a conversation as `conversation.summary`.
 * @throws AuditAgentError `NOT_RECORDED`, where strict; TypeError, RangeError naming the option
 */
export async function auditConversation(options: ConversationOptions): Promise<void> {
  checkNames(options, NAMES);
  const { completion, text } = resolveModel(options);
  const { messages, tokens, summary } = options;
  const conversation = filled('conversation', options.conversation);
  await new Recording(options).tell(
    conversationSummary({
      ...{ conversation, messages, tokens },
      ...(summary !== undefined && { data: treated('summary', summary, completion, text) }),
    }),
  );
}
