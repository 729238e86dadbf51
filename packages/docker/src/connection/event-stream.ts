// One connection of the event stream, and the same asked for a closed span of time.
import type { Readable } from 'node:stream';
import type { DockerClient } from '../docker-client.ts';
import { LineSplitter } from '../stream/lines.ts';
import { type EngineMessage, parseMessage } from '../stream/message.ts';
import { ask, type Patience } from './ask.ts';

export interface StreamHandlers {
  readonly message: (message: EngineMessage) => void;
  /** Something came that is no message, or too long a one. */
  readonly unreadable: () => void;
}

export interface StreamEnd {
  /** A sentence. */
  readonly reason: string;
  /** The engine itself ended it. */
  readonly clean: boolean;
}

export interface OpenStream {
  /** Resolves once. Never rejects. */
  readonly ended: Promise<StreamEnd>;
  close(): void;
}

/**
 * Messages from `since` on (inclusive, as the engine counts), then those that come. The socket is read as fast as it
 * delivers: an engine drops whoever is slow, without a word.
 */
export async function openStream(
  docker: DockerClient,
  options: { readonly since: string; readonly until?: string },
  patience: Patience,
  handlers: StreamHandlers,
): Promise<OpenStream> {
  const stream = (await ask(patience, 'events', (signal) =>
    docker.getEvents({ ...options, ...signal }),
  )) as Readable;
  const lines = new LineSplitter({
    line: (text) => {
      const message = parseMessage(text);
      if (message === null) handlers.unreadable();
      else handlers.message(message);
    },
    overlong: handlers.unreadable,
  });
  const ended = new Promise<StreamEnd>((resolve) => {
    // An engine that ends says `end`, one that dies says `error`, and some connections only close.
    const broken = (reason: string) => resolve({ reason, clean: false });
    stream.on('error', (error: Error) => broken(`The event stream broke: ${error.message}.`));
    stream.on('end', () => resolve({ reason: 'The engine ended the event stream.', clean: true }));
    stream.on('close', () => broken('The event stream was closed.'));
  });
  stream.on('data', (chunk: Buffer | string) => {
    lines.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  });
  return { ended, close: () => stream.destroy() };
}

/**
 * What the engine still has of the time from `since` to `until`: at most its last 256 messages.
 * @throws where the engine does not answer, or breaks off
 */
export async function readPast(
  docker: DockerClient,
  since: string,
  until: string,
  patience: Patience,
): Promise<readonly EngineMessage[]> {
  const found: EngineMessage[] = [];
  const stream = await openStream(docker, { since, until }, patience, {
    message: (message) => found.push(message),
    unreadable: () => {},
  });
  try {
    const { reason, clean } = await ask(patience, 'past events', () => stream.ended);
    if (!clean) throw new Error(reason);
    return found;
  } finally {
    stream.close();
  }
}
