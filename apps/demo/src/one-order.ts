// The chapter about one order: what Express, NestJS and winston record of it is one trace.
import type { LogRecord } from './logger.ts';
import { heading, mark, print } from './print.ts';
import { entriesRecorded, serviceEntries } from './recorded.ts';
import type { Services } from './services.ts';
import { entryLine, recordLine } from './tail.ts';
import { type Client, ORDER_ENTRIES } from './tour.ts';

/** Places one more order, with a `traceparent` of its own, and shows all that is said of it. */
export async function showOrder({ log, records }: Services, client: Client): Promise<boolean> {
  heading('2  One order is one trace, over shop, warehouse and logger');
  const from = log.info().size;
  const said: LogRecord[] = [];
  const keep = (record: LogRecord) => said.push(record);
  records.on('record', keep);
  const recorded = entriesRecorded(log, ORDER_ENTRIES);
  recorded.catch(() => {}); // where there is no order, nobody waits for it
  const placed = (await client.order('ada', 'p1')) === 201;
  if (placed) await recorded;
  records.off('record', keep);

  const entries = await serviceEntries(log, from);
  const requests = new Set(entries.map(({ trace }) => trace?.requestId));
  const [request] = requests;
  const one =
    placed &&
    entries.length === ORDER_ENTRIES &&
    entries.every(({ trace }) => trace?.traceId === client.lastTraceId) &&
    requests.size === 1 &&
    request !== undefined;
  print(`  ${mark(one)} ${entries.length} entries of trace ${client.lastTraceId},`);
  print(`    each with request id ${request}:`);
  print();
  for (const entry of entries) print(entryLine(entry));
  print();

  const marked = said.filter(({ audit }) => audit);
  const [logged, ...more] = entries.filter(({ type }) => type === 'application.log');
  const some =
    marked.length === 1 && marked.length < said.length && logged !== undefined && more.length === 0;
  print(`  ${mark(some)} Of its ${said.length} log records, the marked one is entry ${logged?.seq}:`);
  print();
  for (const record of said) print(recordLine(record));
  return one && some;
}
