import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/event/model.ts';
import { isClean } from '../../src/privacy/clean.ts';
import { createNameTest, SECRET_NAMES } from '../../src/privacy/names.ts';
import { compileRules } from '../../src/privacy/rules.ts';
import { createWalk, redactMembers } from '../../src/privacy/walk.ts';
import { ORDINARY, SECRETS } from './corpus.ts';

const rules = compileRules({});
const ignore = () => {};

/** Texts put together from what secrets, ordinary strings and their grammar are made of. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...SECRETS.map(([, whole]) => whole),
        ...SECRETS.map(([, , secret]) => secret),
        ...ORDINARY,
      ),
      fc.constantFrom(...SECRET_NAMES, 'name', 'key', 'number'),
      fc.constantFrom(
        ...'=:>&?;,"\'\\ \n%@-_+.[]{}<#',
        '--',
        '://',
        '%3D',
        '%26',
        '": "',
        '\\"',
        'Bearer ',
        'eyJ',
        'AKIA',
        'ghp_',
        'sk-',
      ),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 6 },
  )
  .map((pieces) => pieces.join(''));

describe('the first look', () => {
  it('at a text lets none pass in which the search would find something', () => {
    fc.assert(
      fc.property(text, (candidate) => {
        if (!rules.text.suspects(candidate)) expect(rules.text.redact(candidate, ignore)).toBe(candidate);
      }),
      { numRuns: 5_000 },
    );
  });

  it('at an event lets none pass in which the walk would find something', () => {
    const name = fc.constantFrom(
      'password',
      'name',
      'value',
      'key',
      'rawHeaders',
      'a',
      'b',
      'x-api-key',
      'tokens',
    );
    const { tree } = fc.letrec<{ tree: JsonValue }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4, depthSize: 'small' },
        text,
        fc.constantFrom<JsonValue>(1, true, null, 4111111111111111, '--password', 'authorization', 'x1'),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.oneof(name, text), tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(name, text), tree), (data) => {
        const event = { operation: 'op', data } as JsonObject;
        if (isClean(event, rules))
          expect(redactMembers(event, createWalk(rules), 'event', rules.places)).toBe(event);
      }),
      { numRuns: 2_000 },
    );
  });

  it('says of an event what it says at first sight, whatever it has seen before', () => {
    const seen = compileRules({});
    fc.assert(
      fc.property(
        fc.dictionary(text, text),
        fc.dictionary(fc.constantFrom('id', 'userAgent'), text),
        (data, actor) => {
          const event = { actor, data, operation: 'op' } as JsonObject;
          const first = isClean(event, compileRules({}));
          expect(isClean(event, seen)).toBe(first);
          expect(isClean(event, seen)).toBe(first);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('forgets strings before they become many', () => {
    const own = compileRules({});
    for (let i = 0; i < 20_000; i++)
      expect(isClean({ operation: `an ordinary operation ${i}` }, own)).toBe(true);
    expect(own.cleared.size).toBeLessThan(5_000);
    expect(isClean({ operation: 'an ordinary password=hunter22' }, own)).toBe(false);
  });

  it('is not what decides about texts that are full of secrets', () => {
    expect(SECRETS.filter(([, whole]) => !rules.text.suspects(whole))).toEqual([]);
  });

  it('spares most ordinary strings the search', () => {
    const searched = ORDINARY.filter((ordinary) => rules.text.suspects(ordinary));
    expect(searched.length).toBeLessThan(ORDINARY.length / 2);
  });

  it('knows the names of the caller', () => {
    const own = compileRules({ keys: ['badge'], defaults: false });
    expect(own.text.suspects('badge=17')).toBe(true);
    expect(own.isSecret('badge')).toBe(createNameTest({ keys: ['badge'] })('badge'));
  });
});
