// The shop: an Express service that records what happens in it. The file to copy from.
import { randomBytes, randomUUID } from 'node:crypto';
import { type AuditLog, authAttempt, authzDenied, dataCreate } from '@audit/core';
import { type AuditExpressOptions, auditErrors, auditExpress } from '@audit/express';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Logger } from 'winston';
import type { WarehouseClient } from './warehouse-client.ts';

/** Kept in clear because this is a demo; the log never sees them. */
const passwords = new Map([
  ['ada', 'analytical-engine'],
  ['grace', 'first-compiler'],
]);
const products = new Map([
  ['p1', { id: 'p1', name: 'Lantern', price: 40 }],
  ['p2', { id: 'p2', name: 'Padlock', price: 25 }],
  ['p3', { id: 'p3', name: 'Ledger', price: 15 }],
]);

interface Order {
  readonly id: string;
  readonly user: string;
  readonly product: string;
  readonly quantity: number;
}

export interface ShopParts {
  readonly log: AuditLog;
  /** How much of a request is recorded: what the policy says. */
  readonly recorded: AuditExpressOptions;
  /** Answers /healthz, /readyz and /metrics for the log. */
  readonly health: RequestHandler;
  /** What it says of itself; `createLogger` in logger.ts makes entries of what is marked. */
  readonly logger: Logger;
  readonly warehouse: WarehouseClient;
}

/** The application. Every request becomes one entry of `log`; what matters to the business is recorded besides. */
export function createShop({ log, recorded, health, logger, warehouse }: ShopParts): Express {
  const sessions = new Map<string, string>();
  const orders = new Map<string, Order>();
  const app = express();

  // Before the audit: who asks for health every few seconds is no event.
  app.use(health);
  app.use(auditExpress({ ...recorded, log }));
  app.use(express.json());
  app.use(identify(sessions));

  app.post('/login', async (req, res) => {
    const { user, password } = credentials(req.body);
    const granted = passwords.get(user) === password && password !== '';
    // Awaited: nobody is let in before it is on disk and signed that they were.
    const outcome = granted ? 'success' : 'denied';
    await req.audit.record(authAttempt({ user, method: 'password', outcome }));
    if (!granted) return void res.status(401).json({ error: 'Wrong user or password.' });
    const token = randomUUID();
    sessions.set(token, user);
    res.json({ token });
  });

  app.get('/products', (_req, res) => {
    res.json([...products.values()]);
  });

  app.get('/products/:id', (req, res) => {
    const product = products.get(req.params.id);
    if (product === undefined) return void res.status(404).json({ error: 'No such product.' });
    res.json(product);
  });

  app.post('/orders', customersOnly, async (req, res) => {
    const { product, quantity } = req.body as { product: string; quantity: number };
    if (!products.has(product)) return void res.status(404).json({ error: 'No such product.' });
    const id = randomBytes(4).toString('hex');
    if (!(await warehouse.reserve({ order: id, product, quantity }, req))) {
      logger.warn(`not enough of ${product} for an order`); // to the console only
      return void res.status(409).json({ error: 'There are not that many left.' });
    }
    logger.info('reserved at the warehouse');
    const order: Order = { id, user: res.locals.user as string, product, quantity };
    await req.audit.record(dataCreate({ kind: 'order', key: id, after: order }));
    orders.set(id, order);
    // An entry, too, under the actor and trace of this request; what must not be lost is recorded, as above.
    logger.info('order placed', { audit: true, order: id });
    res.status(201).json(order);
  });

  app.get('/orders/:id', customersOnly, (req, res) => {
    const order = orders.get(req.params.id as string);
    if (order === undefined) return void res.status(404).json({ error: 'No such order.' });
    if (order.user !== res.locals.user) {
      // Not awaited: the answer is a refusal anyway, and what could not be recorded is counted by the log.
      const resource = { type: 'order', id: order.id };
      req.audit.emit(authzDenied({ permission: 'order:read', reason: 'belongs to another', resource }));
      return void res.status(403).json({ error: 'That is not your order.' });
    }
    res.json(order);
  });

  app.post('/orders/:id/refund', () => {
    throw new Error('the payment provider is not configured');
  });

  // Ends later than anybody waits: see what a client that hangs up leaves in the log.
  app.get('/report', (_req, res) => {
    res.type('text/csv').write('order,customer\n');
    const timer = setTimeout(() => res.end(), 60_000);
    res.once('close', () => clearTimeout(timer));
  });

  app.use(auditErrors());
  app.use(answerErrors);
  return app;
}

/** Puts the customer behind a bearer token into the request, and into everything recorded during it. */
function identify(sessions: ReadonlyMap<string, string>): RequestHandler {
  return (req, res, next) => {
    const user = sessions.get(req.headers.authorization?.replace(/^Bearer /, '') ?? '');
    if (user !== undefined) {
      res.locals.user = user;
      req.audit.actor = { type: 'user', id: user };
    }
    next();
  };
}

const customersOnly: RequestHandler = (_req, res, next) => {
  if (res.locals.user === undefined) return void res.status(401).json({ error: 'Log in first.' });
  next();
};

const answerErrors: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error);
  const { status } = error as { status?: unknown };
  res.status(typeof status === 'number' ? status : 500).json({ error: 'Something went wrong.' });
};

function credentials(body: unknown): { user: string; password: string } {
  const { user, password } = (body ?? {}) as Record<string, unknown>;
  return {
    user: typeof user === 'string' ? user : '',
    password: typeof password === 'string' ? password : '',
  };
}
