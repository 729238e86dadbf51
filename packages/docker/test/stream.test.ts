import { describe, expect, it } from 'vitest';
import { LineSplitter, MAX_LINE_BYTES } from '../src/stream/lines.ts';
import { messageKey, parseMessage } from '../src/stream/message.ts';
import { dateOfNano, formatNano, nanoOfTime, parseNano } from '../src/stream/nanoseconds.ts';

function split(chunks: readonly Buffer[]) {
  const lines: string[] = [];
  let overlong = 0;
  const splitter = new LineSplitter({
    line: (text) => lines.push(text),
    overlong: () => {
      overlong++;
    },
  });
  for (const chunk of chunks) splitter.push(chunk);
  return { lines, overlong };
}

describe('lines', () => {
  it('are the same wherever the bytes are split', () => {
    const text = '{"a":"ü日本🙂"}\n{"b":2}\n\n{"c":"\\n"}\nunfinished 🙂';
    const bytes = Buffer.from(text);
    const expected = ['{"a":"ü日本🙂"}', '{"b":2}', '{"c":"\\n"}'];
    for (let size = 1; size <= bytes.length; size++) {
      const chunks: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      expect(split(chunks).lines, `chunks of ${size}`).toEqual(expected);
    }
    for (let at = 0; at <= bytes.length; at++) {
      expect(split([bytes.subarray(0, at), bytes.subarray(at)]).lines, `split at ${at}`).toEqual(expected);
    }
  });

  it('longer than the most that is taken are counted, and the next is whole', () => {
    const long = Buffer.alloc(MAX_LINE_BYTES + 1, 'x');
    const { lines, overlong } = split([
      long,
      Buffer.from('yy\nshort\n'),
      long.subarray(0, MAX_LINE_BYTES),
      Buffer.from('\n'),
    ]);
    expect(overlong).toBe(1);
    expect(lines.map(({ length }) => length)).toEqual([5, MAX_LINE_BYTES]);
  });
});

describe('a message', () => {
  const line = (more = '', action = 'start') =>
    `{"Type":"container","Action":"${action}","Actor":{"ID":"c1","Attributes":{"name":"web"${more}}},"time":1795735130,"timeNano":1795735130261930631}`;

  it('keeps its nanoseconds, which a number cannot hold', () => {
    expect(parseMessage(line())!.timeNano).toBe(1795735130261930631n);
    expect(BigInt(JSON.parse('1795735130261930631'))).not.toBe(1795735130261930631n);
  });

  it('does not take its time from what somebody wrote into a label', () => {
    const forged = ',"timeNano":"5","x":"\\"timeNano\\":7,"';
    const message = parseMessage(line(forged))!;
    expect(message.timeNano).toBe(1795735130261930631n);
    expect(message.attributes.timeNano).toBe('5');
  });

  it('has its detail behind the first colon', () => {
    expect(parseMessage(line('', 'exec_create: sh -c echo a: b'))).toMatchObject({
      action: 'exec_create',
      detail: 'sh -c echo a: b',
    });
    expect(parseMessage(line('', 'health_status: healthy'))).toMatchObject({ detail: 'healthy' });
  });

  it('of an engine that tells seconds only has these', () => {
    expect(parseMessage('{"Type":"image","Action":"pull","time":17}')).toMatchObject({
      timeNano: 17000000000n,
      id: '',
    });
  });

  it('is none where the line is none, whatever it is', () => {
    for (const text of [
      '',
      'null',
      '[]',
      '{',
      '7',
      '{"Type":1,"Action":"x","time":1}',
      '{"Type":"x","Action":"y"}',
      '{"Type":"x","Action":"y","time":1e999}',
      '{"Type":"x","Action":"y","time":1.5}',
      '{"Type":"x","Action":"y","time":-62135596800,"timeNano":-6795364578871345152}',
    ]) {
      expect(parseMessage(text), text).toBeNull();
    }
  });

  it('has a key of its own, also among messages of one nanosecond', () => {
    const keys = [line(), line(',"execID":"e1"'), line('', 'stop'), line(',"container":"c2"')].map((text) =>
      messageKey(parseMessage(text)!),
    );
    expect(new Set(keys).size).toBe(keys.length);
    expect(messageKey(parseMessage(line(',"other":"label"'))!)).toBe(keys[0]);
  });
});

describe('nanoseconds', () => {
  it('are spelled as the engine takes them, and read again', () => {
    expect(formatNano(1795735130000000007n)).toBe('1795735130.000000007');
    for (const nano of [
      0n,
      1n,
      999_999_999n,
      1_000_000_000n,
      1795735130261930631n,
      9_999_999_999_999_999_999n,
    ]) {
      expect(parseNano(formatNano(nano))).toBe(nano);
    }
    expect(parseNano('1.5')).toBeNull();
    expect(parseNano(7)).toBeNull();
  });

  it('are read from the times of an inspection', () => {
    expect(nanoOfTime('2026-11-26T23:18:53.139419483Z')).toBe(1795735133139419483n);
    expect(nanoOfTime('2026-11-26T23:18:53Z')).toBe(1795735133000000000n);
    expect(nanoOfTime('2026-11-27T00:18:53.1+01:00')).toBe(1795735133100000000n);
    expect(nanoOfTime('0001-01-01T00:00:00Z')).toBeNull();
    expect(nanoOfTime('yesterday')).toBeNull();
    expect(dateOfNano(1795735133139419483n).toISOString()).toBe('2026-11-26T23:18:53.139Z');
  });
});
