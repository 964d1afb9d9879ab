// Events that no API Gateway would make: answered all the same, and never let in by mistake.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {randomOf, SEED} from '../../signer/test/events.mjs';
import {event, FORMATS, handlerOf, HEADER, isLetIn, NEXT, STAGE, VALUE} from './events.mjs';

const ROUNDS = 5000;
const JUNK = [undefined, null, true, 0, -1, 'text', '', [], {}, [[]], {length: 1}, [null], () => VALUE, Symbol('x'), 1n];

const resourceOf = answer => answer.policyDocument?.Statement[0].Resource;

const isRefused = (format, answer) => {
  assert.ok([undefined, '*', `${STAGE}/*`].includes(resourceOf(answer)));
  return !isLetIn(format, answer, resourceOf(answer));
};

test('an event of any shape is refused', async () => {
  const throwing = new Proxy({}, {get: () => assert.fail('read'), ownKeys: () => assert.fail('listed')});
  for (const format of FORMATS) {
    const handler = handlerOf(format);
    for (const given of [...JUNK, throwing]) {
      assert.ok(isRefused(format, await handler(given)));
      assert.ok(isRefused(format, await handler({...event(format, []), headers: given})));
      assert.ok(isRefused(format, await handler({...event(format, []), headers: given, multiValueHeaders: given})));
    }
  }
});

test('a value that is no text is refused', async () => {
  const texts = [{toString: () => VALUE}, new String(VALUE), Buffer.from(VALUE), [[VALUE]], {0: VALUE, length: 1}, ...JUNK];
  for (const format of FORMATS)
    for (const given of texts) {
      assert.ok(isRefused(format, await handlerOf(format)({...event(format, []), headers: {[HEADER]: given}})));
      const both = {headers: {[HEADER]: given}, multiValueHeaders: {[HEADER]: [given]}};
      assert.ok(isRefused(format, await handlerOf(format)({...event(format, []), ...both})));
    }
});

test('headers that disagree with each other are refused', async () => {
  for (const format of ['REST', 'WEBSOCKET']) {
    const given = event(format, [[HEADER, VALUE]]);
    for (const multiValueHeaders of [
      {},
      {[HEADER]: []},
      {[HEADER]: ['other']},
      {[HEADER]: [NEXT]},
      {[HEADER]: [VALUE, VALUE]},
      {[HEADER]: [VALUE], 'X-Origin-Verify': [VALUE]},
    ])
      assert.ok(isRefused(format, await handlerOf(format, {values: [VALUE, NEXT]})({...given, multiValueHeaders})));
    for (const headers of [{}, {[HEADER]: 'other'}, {[HEADER]: VALUE, 'X-Origin-Verify': VALUE}])
      assert.ok(isRefused(format, await handlerOf(format)({...given, headers})));
  }
});

test('names of the prototype are headers like any other', async () => {
  for (const format of FORMATS)
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const handler = handlerOf(format, {headers: [name]});
      assert.ok(isRefused(format, await handler(event(format, []))));
      // Through JSON, as Lambda does.
      const given = JSON.parse(JSON.stringify({...event(format, []), headers: {}, multiValueHeaders: undefined}));
      Object.defineProperty(given.headers, name, {value: VALUE, enumerable: true});
      assert.equal(isRefused(format, await handler(given)), false);
    }
});

test('digests that are none let nobody in', async () => {
  const {createHandler} = await import('../authorizer.mjs');
  for (const format of FORMATS)
    for (const digest of ['', 'xyz', 'ab', VALUE]) {
      const handler = createHandler({headers: [HEADER], digests: [digest], format});
      assert.ok(isRefused(format, await handler(event(format, [[HEADER, VALUE]]))));
    }
});

test(`a damaged event never lets in without the value (seed ${SEED})`, async () => {
  const random = randomOf(SEED);
  for (let round = 0; round < ROUNDS; round++) {
    const format = random.pick(FORMATS);
    const given = event(format, [[HEADER, random.pick([NEXT, VALUE.slice(1), '', VALUE.toUpperCase()])]]);
    for (let damage = random.below(4); damage >= 0; damage--) spoil(given, random);
    assert.ok(isRefused(format, await handlerOf(format)(given)));
  }
});

const spoil = (given, random) => {
  for (let holder = given; ; ) {
    const keys = Object.keys(holder);
    if (!keys.length) return;
    const key = random.pick(keys);
    if (holder[key] === null || typeof holder[key] !== 'object' || random.chance(0.15)) {
      holder[key] = random.pick(JUNK);
      return;
    }
    holder = holder[key];
  }
};
