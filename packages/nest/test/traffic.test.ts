import 'reflect-metadata';
import { Controller, Get, Param, Res } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { CROWD, type Crowd, expectOneOutcomeEach, gatherCrowd, LEAVING } from '../../http/test/crowd.ts';
import { openService, PLATFORMS } from './service.ts';

let crowd: Crowd;

/** What both frameworks' responses have in common here. */
interface AnyResponse {
  readonly raw?: NodeJS.WritableStream;
}

@Controller()
class Served {
  @Get('stay/:n') async stay(@Param('n') n: string) {
    await crowd.arrive();
    return `stayed ${n}`;
  }
  @Get('leave/:n') leave(@Res() response: AnyResponse & NodeJS.WritableStream) {
    (response.raw ?? response).write('begun');
    // Being answered is being there.
    void crowd.arrive();
  }
}

describe.each(PLATFORMS)('%s: under traffic every request is one entry', (_name, adapter) => {
  test('10,000 requests at once, of which a tenth hang up midway', { timeout: 180_000 }, async () => {
    crowd = gatherCrowd();
    await using service = await openService(adapter, { controllers: [Served] });
    expect(await crowd.run(service.port)).toBe(CROWD - CROWD / LEAVING);
    const entries = await service.finished(CROWD);
    expect(entries).toHaveLength(CROWD);
    expectOneOutcomeEach(entries);
  });
});
