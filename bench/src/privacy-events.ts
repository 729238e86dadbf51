// Events as applications record them: ids, times, addresses and amounts differ from event to event.
import { type AuditEvent, httpRequest } from '@audit/core';

export interface EventKind {
  readonly name: string;
  /** There is something in each that the default rules redact. */
  readonly secret: boolean;
  readonly event: (n: number) => AuditEvent;
}

const actor = (n: number) => ({
  type: 'user',
  id: `u${n % 1_000}`,
  ip: `192.0.2.${n % 250}`,
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
});

/** A UUID (RFC 9562), its digits spread over all of it. */
function uuid(n: number): string {
  const hex = [1, 2, 3, 4].map((part) =>
    (Math.imul(n + part, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0'),
  );
  const text = hex.join('');
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-8${text.slice(17, 20)}-${text.slice(20)}`;
}

/** What the HTTP adapters make of a request, with its headers. */
function request(n: number, data: Readonly<Record<string, unknown>>): AuditEvent {
  return httpRequest({
    method: 'GET',
    route: '/users/:id/orders',
    path: `/users/u${n % 1_000}/orders`,
    query: `page=${n % 40}&sort=-created&filter=open`,
    status: 200,
    durationMs: 2.123 + (n % 1_000) / 1_000,
    requestBytes: 321,
    responseBytes: 380 + (n % 5_000),
    protocol: 'HTTP/1.1',
    peer: '127.0.0.1',
    data,
    outcome: 'success',
    actor: actor(n),
    trace: { requestId: uuid(n), traceId: uuid(n + 7).replaceAll('-', '') },
  });
}

const headers = {
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'accept-encoding': 'gzip, deflate, br, zstd',
  'accept-language': 'en-GB,en;q=0.7,de;q=0.3',
  host: 'shop.example',
};

/** A change to an order: twenty fields of all sorts. */
function domain(n: number): AuditEvent {
  return {
    type: 'data.update',
    operation: 'order.ship',
    resource: { type: 'order', id: uuid(n), name: `Order 2026-${100_000 + n}` },
    outcome: 'success',
    actor: actor(n),
    trace: { requestId: uuid(n + 1) },
    data: {
      orderNumber: `2026-${100_000 + n}`,
      customer: uuid(n % 1_000),
      customerName: `Ada Lovelace ${n % 1_000}`,
      email: `ada.${n % 1_000}@mail.example`,
      status: 'shipped',
      before: 'packed',
      items: 1 + (n % 9),
      total: 19.99 + (n % 400),
      currency: 'EUR',
      warehouse: 'ulm-2',
      carrier: 'Parcel & Sons',
      tracking: `PS${(n * 7_919) % 1_000_000_007}DE`,
      createdAt: new Date(1_795_000_000_000 + n * 1_013).toISOString(),
      shippedAt: new Date(1_795_100_000_000 + n * 1_013).toISOString(),
      express: n % 3 === 0,
      gift: false,
      weightGrams: 120 + (n % 4_000),
      street: `Example Street ${n % 200}`,
      city: 'Neu-Ulm',
      country: 'DE',
    },
  };
}

const SENTENCES = [
  'The customer called about the parcel that was due on Friday and asked whether it can be left with a neighbour.',
  'Support explained that the carrier (Parcel & Sons) does three attempts; the second one was at 14:35, nobody was in.',
  'A refund of EUR 12.50 was offered: see https://help.example/articles/late-parcels?lang=en for the rules.',
  'No change was made to the order; the address stays "Example Street 12, Neu-Ulm", and the note is for the warehouse.',
];

/** A message of two thousand characters. */
function text(n: number): AuditEvent {
  const lines = Array.from({ length: 18 }, (_, i) => SENTENCES[(n + i) % SENTENCES.length]);
  return {
    type: 'support.note',
    category: 'data_access',
    operation: 'add note',
    resource: { type: 'ticket', id: `t-${n}` },
    outcome: 'success',
    actor: actor(n),
    data: { message: `Ticket ${n}, ${uuid(n)}: ${lines.join(' ')}` },
  };
}

export const EVENT_KINDS: readonly EventKind[] = [
  { name: 'HTTP request', secret: false, event: (n) => request(n, { requestHeaders: headers }) },
  {
    name: 'HTTP request with a secret',
    secret: true,
    event: (n) =>
      request(n, {
        requestHeaders: {
          ...headers,
          authorization: `Bearer ${uuid(n * 3)}`,
          cookie: `theme=dark; sid=${uuid(n * 5 + 3)}`,
        },
      }),
  },
  { name: 'domain event of 20 fields', secret: false, event: domain },
  { name: 'text of 2 kB', secret: false, event: text },
];
