// The signature of a webhook, as Standard Webhooks has it: HMAC-SHA-256 over id, time and body.
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';
/** Bytes of a secret. */
const SHORTEST = 24;
const LONGEST = 64;

/** The key in a secret such as `whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`; null for what is none. */
export function webhookKey(secret: string): Buffer | null {
  if (!secret.startsWith(PREFIX)) return null;
  const text = secret.slice(PREFIX.length);
  const key = Buffer.from(text, 'base64');
  if (key.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, '')) return null;
  return key.length >= SHORTEST && key.length <= LONGEST ? key : null;
}

/** The headers of one attempt; `id` is the same in all of an alert, so that a receiver can tell. */
export function signatureHeaders(
  key: Uint8Array,
  id: string,
  body: string,
  now: number,
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1_000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
