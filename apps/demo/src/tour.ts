// A day at the shop: real HTTP requests, good and bad, each answered as it should be.
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';

/** One kind of thing customers do. */
export interface Step {
  readonly what: string;
  /** The status every request of it must get; `null`: the client hangs up. */
  readonly status: number | null;
  readonly times: number;
  /** Entries one such request leaves: its own, and what shop and warehouse record besides. */
  readonly entries: number;
  readonly send: (client: Client, round: number) => Promise<number | null>;
}

/** An order: the shop's request, `data.create` and log record, the warehouse's request, handler and stock. */
export const ORDER_ENTRIES = 6;

// what · status · times · entries each · how

/** The first half of the day; an older state of the log, to roll back to, is taken after it. */
export const morning: readonly Step[] = [
  step('look around', 200, 20, 1, (client) => client.get('/products')),
  step('look closer', 200, 20, 1, (client, round) => client.get(`/products/p${(round % 3) + 1}`)),
  step('log in', 200, 8, 2, (client, round) => client.login(round % 2 === 0 ? 'ada' : 'grace')),
  step('mistype a password', 401, 6, 2, (client) => client.login('ada', 'analytical-angine')),
];

/** The second half. */
export const evening: readonly Step[] = [
  step('order', 201, 12, ORDER_ENTRIES, (client, round) => client.order('ada', `p${(round % 3) + 1}`)),
  step('order more than there is', 409, 2, 3, (client) => client.order('ada', 'p1', 1_000)),
  step('order without a login', 401, 3, 1, (client) => client.order('nobody', 'p1')),
  step("read another's order", 403, 2, 2, (client) => client.get(`/orders/${client.lastOrder}`, 'grace')),
  step('ask for what is not there', 404, 4, 1, (client, round) => client.get(`/prodcuts/${round}`)),
  step('meet a handler that throws', 500, 2, 1, (client) => client.refund()),
  step('hang up too early', null, 2, 1, (client) => client.hangUp('/report')),
  step('go round to the warehouse', 401, 2, 2, (client) => client.reserve()),
  // A name made to clear the screen and to be read backwards: the tail below shows what it is.
  step('attack the terminal', 401, 1, 2, (client) => client.login('\u001b[2Jeve\u202e', 'x')),
];

function step(what: string, status: number | null, times: number, entries: number, send: Step['send']): Step {
  return { what, status, times, entries, send };
}

/** Does a step. Resolves with the statuses that were not as they should be. */
export async function perform(client: Client, { send, status, times }: Step): Promise<(number | null)[]> {
  const wrong: (number | null)[] = [];
  for (let round = 0; round < times; round++) {
    const answered = await send(client, round);
    if (answered !== status) wrong.push(answered);
  }
  return wrong;
}

/** A customer's browser: real requests, a session for each user, and nothing of the shop's insides. */
export class Client {
  readonly #url: string;
  readonly #warehouseUrl: string;
  readonly #tokens = new Map<string, string>();
  lastOrder = '';
  /** Of the last order: the trace its `traceparent` began. */
  lastTraceId = '';

  constructor(url: string, warehouseUrl: string) {
    this.#url = url;
    this.#warehouseUrl = warehouseUrl;
  }

  /** The session of a user who has logged in. */
  tokenOf(user: string): string | undefined {
    return this.#tokens.get(user);
  }

  get(path: string, user?: string): Promise<number> {
    return this.#send('GET', path, { user });
  }

  async login(
    user: string,
    password = user === 'ada' ? 'analytical-engine' : 'first-compiler',
  ): Promise<number> {
    const keep = ({ token }: Answer): void => {
      this.#tokens.set(user, String(token));
    };
    return this.#send('POST', '/login', { body: { user, password }, keep });
  }

  order(user: string, product: string, quantity = 1): Promise<number> {
    this.lastTraceId = randomBytes(16).toString('hex');
    const headers = { traceparent: `00-${this.lastTraceId}-${randomBytes(8).toString('hex')}-01` };
    const keep = ({ id }: Answer): void => {
      this.lastOrder = String(id);
    };
    return this.#send('POST', '/orders', { user, headers, body: { product, quantity }, keep });
  }

  /** Past the shop, and without its key. */
  reserve(): Promise<number> {
    const body = { order: this.lastOrder, product: 'p1', quantity: 1 };
    return this.#send('POST', `${this.#warehouseUrl}/reservations`, { body });
  }

  refund(): Promise<number> {
    return this.#send('POST', `/orders/${this.lastOrder}/refund`, { user: 'ada' });
  }

  /** Closes the connection as soon as the answer begins. */
  hangUp(path: string): Promise<null> {
    return new Promise((resolve, reject) => {
      const pending = request(this.#url + path, { agent: false }, (response) => {
        response.destroy();
        resolve(null);
      });
      pending.once('error', reject).end();
    });
  }

  /** `path` may be a whole URL. */
  async #send(method: string, path: string, { user, headers, body, keep }: Sent): Promise<number> {
    const token = user === undefined ? undefined : this.#tokens.get(user);
    const response = await fetch(new URL(path, this.#url), {
      method,
      headers: {
        ...headers,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok && keep !== undefined) keep((answer ?? {}) as Answer);
    return response.status;
  }
}

type Answer = Readonly<Record<string, unknown>>;

interface Sent {
  readonly user?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Given the answer of a request that succeeded. */
  readonly keep?: (answer: Answer) => void;
}
