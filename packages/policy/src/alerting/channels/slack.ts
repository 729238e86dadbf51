// Alerts to a chat: an incoming webhook of Slack, or of what understands its messages.
import { type Alert, alertLines } from '../alert.ts';
import type { SlackOptions } from '../options.ts';
import type { Channel } from './channel.ts';
import { createPoster } from './post.ts';

/** Longest text of a section block, in characters. */
const MAX_SECTION = 3_000;

export function slackChannel({ url, ca }: SlackOptions): Channel {
  const poster = createPoster(url, ca);
  return {
    deliver: (alert, signal) => poster.post(JSON.stringify(slackMessage(alert)), {}, signal),
    close: () => poster.close(),
  };
}

/** `text` is what shows in notifications, and all there is where blocks are not understood. */
export function slackMessage(alert: Alert): Readonly<Record<string, unknown>> {
  const [first, , ...facts] = alertLines(alert);
  const section = (type: string, text: string) => ({
    type: 'section',
    text: { type, text: escapeSlack(text, MAX_SECTION) },
  });
  return {
    text: escapeSlack(`${first}\n${facts.join('\n')}`, MAX_SECTION),
    mrkdwn: false,
    // Plain text: nothing in an event becomes a link, a mention, or bold.
    blocks: [section('plain_text', first!), section('plain_text', facts.join('\n'))],
  };
}

/** The three characters that mean something to Slack; without them `<!channel>` calls nobody. Cut before escaping. */
export function escapeSlack(text: string, most: number): string {
  let out = '';
  for (const character of text) {
    const escaped = ESCAPES[character] ?? character;
    if (out.length + escaped.length > most - 1) return `${out}…`;
    out += escaped;
  }
  return out;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
