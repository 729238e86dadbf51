// Alerts to a service of one's own: signed JSON by POST.
import type { WebhookOptions } from '../options.ts';
import type { Channel } from './channel.ts';
import { createPoster } from './post.ts';
import { signatureHeaders, webhookKey } from './signature.ts';

/** `type` of the body, by which a receiver of several kinds tells them apart. */
export const WEBHOOK_TYPE = 'audit.alert';

/**
 * @param now wall clock, in milliseconds: receivers refuse what was signed long ago
 * @throws RangeError where the secret is none
 */
export function webhookChannel({ url, secret, ca }: WebhookOptions, now: () => number): Channel {
  const key = webhookKey(secret);
  if (key === null) throw new RangeError('secret must be whsec_ and 24 to 64 bytes in base64');
  const poster = createPoster(url, ca);
  return {
    deliver(alert, signal) {
      const body = JSON.stringify({ type: WEBHOOK_TYPE, timestamp: alert.at, data: alert });
      return poster.post(body, signatureHeaders(key, alert.id, body, now()), signal);
    },
    close: () => poster.close(),
  };
}
