// Agents, the models behind them, the code they run and what is found in it.
import { about, eventOf } from './define.ts';

export interface AgentData {
  /** Name or id of the agent. */
  readonly agent: string;
  readonly model?: string | undefined;
  readonly tools?: readonly string[] | undefined;
  readonly parent?: string | undefined;
}

const agent = { resource: ({ agent: id }: AgentData) => about('agent', id) };
/** An agent is created. */
export const agentCreate = eventOf<AgentData>('agent.create', agent);
/** An agent is stopped. */
export const agentStop = eventOf<AgentData>('agent.stop', agent);
/** An agent fails. Outcome `failure`. */
export const agentError = eventOf<AgentData>('agent.error', { ...agent, outcome: 'failure' });

export interface CodeExecutionData {
  readonly language: string;
  /** A hash of the code; its text only where policy allows. */
  readonly code?: string | undefined;
  readonly exitCode?: number | null | undefined;
  readonly signal?: string | null | undefined;
  readonly timedOut?: boolean | undefined;
  readonly durationMs?: number | undefined;
  readonly cpuMs?: number | undefined;
  readonly maxRssBytes?: number | undefined;
  readonly limits?: Readonly<Record<string, unknown>> | undefined;
  readonly securityLevel?: string | undefined;
  readonly result?: unknown;
}

/** Code that ran. Outcome `failure`, and level `error`, on an exit code other than 0, a signal or a timeout. */
export const codeExecution = eventOf<CodeExecutionData>('code.execution', {
  operation: 'execute',
  resource: ({ language, code }) => about('code', code, language),
  outcome: ({ exitCode, signal, timedOut }) => (exitCode || signal || timedOut ? 'failure' : 'success'),
});

export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical';

export interface AssessmentFinding {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly message?: string | undefined;
}

export interface SecurityAssessmentData {
  /** bandit, semgrep, … */
  readonly tool: string;
  readonly toolVersion?: string | undefined;
  readonly target: string;
  readonly findings?: readonly AssessmentFinding[] | undefined;
  readonly score?: number | undefined;
  readonly recommendations?: readonly string[] | undefined;
  readonly decision?: string | undefined;
}

/** What a scanner found. The level is that of the worst finding. */
export const securityAssessment = eventOf<SecurityAssessmentData>('security.assessment', {
  operation: 'assess',
  resource: ({ target }) => about('code', target),
});

/** Names follow OpenTelemetry's `gen_ai.*`. */
export interface ModelInferenceData {
  readonly provider: string;
  readonly model: string;
  /** `chat`, `embeddings`, …: `operation` in `data`. */
  readonly inference?: string | undefined;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly finishReason?: string | undefined;
  readonly durationMs?: number | undefined;
  /** A hash; the text only where policy allows. */
  readonly prompt?: string | undefined;
  readonly completion?: string | undefined;
  readonly toolCalls?: readonly unknown[] | undefined;
}

/** One call of a model. */
export const modelInference = eventOf<ModelInferenceData>('model.inference', {
  names: { inference: 'operation' },
  operation: ({ inference }) => inference || 'inference',
  resource: ({ model }) => about('model', model),
});

export interface ConversationSummaryData {
  readonly conversation: string;
  readonly messages?: number | undefined;
  readonly tokens?: number | undefined;
  /** The summary, or its hash. */
  readonly summary?: string | undefined;
}

/** What a conversation came to. */
export const conversationSummary = eventOf<ConversationSummaryData>('conversation.summary', {
  operation: 'summarize',
  resource: ({ conversation }) => about('conversation', conversation),
});
