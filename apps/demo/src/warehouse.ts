// The warehouse: a NestJS service that records in the log it is given. The one to copy from where Nest is at home.
import type { IncomingMessage } from 'node:http';
import { type AuditLog, dataUpdate } from '@audit/core';
import { Audit, AuditModule, type AuditModuleOptions, AuditService } from '@audit/nest';
import {
  Body,
  type CanActivate,
  ConflictException,
  Controller,
  type ExecutionContext,
  type INestApplication,
  Inject,
  Injectable,
  Module,
  Post,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** Which service a key belongs to; in clear because this is a demo. The log never sees the keys. */
const services = new Map([['the-key-of-the-shop', 'shop']]);

/** A request once the guard has seen it. */
interface ServiceRequest extends IncomingMessage {
  service?: string | undefined;
}

interface Reservation {
  readonly order: string;
  readonly product: string;
  readonly quantity: number;
}

/** Lets in who has a key, and says whose it is. */
@Injectable()
class ServicesOnly implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<ServiceRequest>();
    request.service = services.get(request.headers.authorization?.replace(/^Bearer /, '') ?? '');
    if (request.service === undefined) throw new UnauthorizedException();
    return true;
  }
}

/** What lies on the shelves. */
@Injectable()
class Stock {
  readonly #audit: AuditService;
  readonly #left = new Map([
    ['p1', 100],
    ['p2', 100],
    ['p3', 100],
  ]);

  constructor(@Inject(AuditService) audit: AuditService) {
    this.#audit = audit;
  }

  /** Resolves once it is on disk and signed that they were taken; under the actor and trace of the request. */
  async take(product: string, quantity: number): Promise<void> {
    const before = this.#left.get(product) ?? 0;
    if (!(quantity >= 1 && quantity <= before)) throw new ConflictException(`There are ${before} left.`);
    const after = before - quantity;
    this.#left.set(product, after); // first, so that nobody else is promised them meanwhile
    await this.#audit.record(dataUpdate({ kind: 'stock', key: product, before, after }));
  }
}

@Controller('reservations')
@UseGuards(ServicesOnly)
class Reservations {
  readonly #stock: Stock;

  constructor(@Inject(Stock) stock: Stock) {
    this.#stock = stock;
  }

  /** Each call becomes an event of its own, those that the guard refuses and those that throw included. */
  @Post()
  @Audit({ type: 'stock.reserve', operation: 'reserve', resource: { type: 'order', param: 'order' } })
  async reserve(@Body() { order, product, quantity }: Reservation): Promise<Reservation> {
    await this.#stock.take(product, quantity);
    return { order, product, quantity };
  }
}

/** The application, ready for requests. `recorded` is what the policy says; `log` stays open when it is closed. */
export async function createWarehouse(
  log: AuditLog,
  recorded: AuditModuleOptions,
): Promise<INestApplication> {
  // First of the imports: its guard is to see what other guards refuse.
  const audit = AuditModule.forRoot({
    ...recorded,
    log,
    actor: ({ service }: ServiceRequest) => (service ? { type: 'service', id: service } : undefined),
  });

  @Module({ imports: [audit], controllers: [Reservations], providers: [Stock] })
  class Warehouse {}

  const app = await NestFactory.create(Warehouse, {
    logger: ['fatal', 'error', 'warn'],
    abortOnError: false,
  });
  // A service of its own would `listen(port)`; the demo has the server, see server.ts.
  return app.init();
}
