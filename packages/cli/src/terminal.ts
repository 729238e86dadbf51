// Where a command writes: two outputs that know whether a person watches, and the colours each may use.
import { fstatSync } from 'node:fs';
import picocolors from 'picocolors';

export type Colors = ReturnType<typeof picocolors.createColors>;

export interface Output {
  write(text: string): void;
  /** Resolves once there is room for more: for output without end. */
  writeAll(text: string): Promise<void>;
  /** True once its reader went away: nothing more need be written. */
  readonly closed: boolean;
  readonly isTerminal: boolean;
  readonly colors: Colors;
  /** Width to wrap sentences at. */
  readonly columns: number;
}

export interface Terminal {
  readonly out: Output;
  readonly err: Output;
  /** True where a progress bar would be seen and disturb nobody. */
  readonly showsProgress: boolean;
}

/** Wrapping wider than this makes sentences harder to read, not easier. */
const WIDEST = 110;

/**
 * The process's own terminal. Colour: `--no-color` and NO_COLOR forbid it, FORCE_COLOR asks for it, else each
 * output has it where it is a terminal. Source: no-color.org, force-color.org.
 */
export function processTerminal(color: boolean): Terminal {
  return {
    out: output(process.stdout, color),
    err: output(process.stderr, color),
    showsProgress: process.stderr.isTTY === true && !isPipe(1),
  };
}

function output(stream: NodeJS.WriteStream, color: boolean): Output {
  let closed = false;
  // A reader that has enough (`audit tail … | head`) closes the pipe: no error. Node keeps the stream writable then.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    closed = true;
  });
  return {
    write: (text) => void (closed || stream.write(text)),
    writeAll: async (text) => {
      if (!closed && !stream.write(text)) await roomIn(stream);
    },
    get closed() {
      return closed;
    },
    isTerminal: stream.isTTY === true,
    colors: picocolors.createColors(color && wantsColor(stream.isTTY === true, process.env)),
    columns: Math.min(stream.columns ?? WIDEST, WIDEST),
  };
}

function roomIn(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      stream.off('drain', settle).off('error', settle);
      resolve();
    };
    stream.on('drain', settle).on('error', settle);
  });
}

/** What the environment says about colour. */
export function wantsColor(
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR !== undefined)
    return environment.FORCE_COLOR !== '0' && environment.FORCE_COLOR !== 'false';
  return isTerminal && environment.TERM !== 'dumb';
}

// A pipe's reader (a pager, grep) shares the screen with stderr: a bar would write over it.
function isPipe(descriptor: number): boolean {
  try {
    const stat = fstatSync(descriptor);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    return false;
  }
}
