// Properties that hold for whatever a viewer sends, and for events that no CloudFront would make.
import assert from 'node:assert/strict';
import {beforeEach, mock, test} from 'node:test';
import {createHandler} from '../signer.mjs';
import {CREDENTIALS, ENDPOINT, event, generator, randomOf, REGION, SEED} from './events.mjs';

const ROUNDS = 6000;
const SECRET = 'pLaNtEd5ecret';
const OURS = ['authorization', 'host', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token'];
const REFUSALS = ['413', '414', '500', '502', '503'];
const CONSOLE = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir', 'table'];

beforeEach(() => Object.assign(process.env, CREDENTIALS));

const handlers = logs =>
  ['Drop', 'Forward'].map(viewerAuthorization => ({
    viewerAuthorization,
    handler: createHandler({endpoint: ENDPOINT, region: REGION, viewerAuthorization, logs}),
  }));

/** Random text: bytes, code points, percent signs, separators. */
const hostileText = random =>
  random
    .list(random.pick([3, 10, 200]), () =>
      random.pick([
        () => String.fromCharCode(random.below(256)),
        () => String.fromCharCode(random.below(65536)),
        () =>
          random.pick([
            '%',
            '&',
            '=',
            '/',
            '?',
            '#',
            '..',
            '//',
            '\r\n',
            '%0d%0a',
            '%2',
            '%u0041',
            '\u2028',
            '__proto__',
            ';',
            '+',
            '%ff',
          ]),
        () => random.pick('abcXYZ019-._~'),
      ])(),
    )
    .join('');

// Through JSON, as Lambda does: `__proto__` is then a header like any other.
const hostileEvent = (random, draw) => {
  const drawn = draw.request();
  if (random.chance(0.5)) drawn.uri = '/' + hostileText(random);
  if (random.chance(0.5)) drawn.query = hostileText(random);
  const made = JSON.parse(JSON.stringify(event(drawn)));
  const {headers} = made.Records[0].cf.request;
  for (const name of ['__proto__', 'constructor', 'x-' + hostileText(random).toLowerCase()])
    if (random.chance(0.3))
      Object.defineProperty(headers, name, {
        value: [{key: name, value: hostileText(random)}],
        enumerable: true,
        configurable: true,
        writable: true,
      });
  return made;
};

const forgeable = name =>
  /^(authorization|x-amz-date|x-amz-security-token|x-amz-content-sha256|x-forwarded-authorization)$/.test(
    name.replaceAll('_', '-'),
  );

test(`${ROUNDS} hostile requests are signed without a disallowed change (seed ${SEED})`, async () => {
  const random = randomOf(SEED);
  const draw = generator(random);
  const both = handlers(false);
  for (let round = 0; round < ROUNDS; round++) {
    const {viewerAuthorization, handler} = random.pick(both);
    const given = hostileEvent(random, draw);
    const before = structuredClone(given.Records[0].cf.request);
    const after = await handler(given);
    assert.equal(after.status, undefined, JSON.stringify(before));

    const {headers: headersBefore, uri: _, querystring: __, ...restBefore} = before;
    const {headers, uri, querystring, ...rest} = after;
    assert.deepEqual(rest, restBefore);
    assert.match(uri, /^\/(?:[\w\-.~!$&'()*+,;=:@/]|%[\dA-Fa-f]{2})*$/);
    assert.match(querystring, /^(?:(?:[\w\-.~!$'()*,:@/]|%[\dA-F]{2})*=(?:[\w\-.~!$'()*,:@/]|%[\dA-F]{2})*(?:&|$))*$/);

    for (const name of Object.keys(headersBefore))
      if (!OURS.includes(name) && !forgeable(name)) assert.deepEqual(headers[name], headersBefore[name]);
    for (const name of OURS)
      assert.deepEqual(
        headers[name].map(({key}) => key),
        [name],
      );
    const viewers = viewerAuthorization === 'Forward' ? headersBefore.authorization?.map(({value}) => value) : undefined;
    assert.deepEqual(
      headers['x-forwarded-authorization']?.map(({value}) => value),
      viewers,
    );
    const allowed = new Set([
      ...Object.keys(headersBefore).filter(name => !forgeable(name)),
      ...OURS,
      'x-forwarded-authorization',
    ]);
    assert.deepEqual(
      Object.keys(headers).filter(name => !allowed.has(name)),
      [],
    );
  }
});

test('an event of any shape is answered: signed, or refused in JSON', async () => {
  const random = randomOf(SEED + 1);
  const draw = generator(random);
  const [{handler}] = handlers(true);
  const junk = [undefined, null, true, 0, -1, 'text', '', [], {}, [[]], {length: 3}, [null]];
  await silently(async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const given = hostileEvent(random, draw);
      for (let damage = random.below(3); damage >= 0; damage--) spoil(given, random, junk);
      const answer = await handler(given);
      if (answer.status === undefined) assert.match(answer.headers.authorization[0].value, /Signature=[0-9a-f]{64}$/);
      else assertRefusal(answer);
    }
    for (const given of junk) assertRefusal(await handler(given));
  });
});

const spoil = (given, random, junk) => {
  let holder = given;
  for (;;) {
    const keys = Object.keys(holder);
    if (!keys.length) return;
    const key = random.pick(keys);
    if (holder[key] === null || typeof holder[key] !== 'object' || random.chance(0.15)) {
      holder[key] = random.pick(junk);
      return;
    }
    holder = holder[key];
  }
};

const assertRefusal = answer => {
  assert.ok(REFUSALS.includes(answer.status));
  assert.equal(answer.headers['cache-control'][0].value, 'no-store');
  assert.equal(answer.headers['x-palisade-signer'][0].value, 'refused');
  assert.equal(typeof JSON.parse(answer.body).message, 'string');
  assert.equal(answer.headers.authorization, undefined);
};

const silently = async act => {
  const lines = [];
  const mocks = CONSOLE.map(name => mock.method(console, name, (...args) => void lines.push(args.join(' '))));
  try {
    await act();
  } finally {
    mocks.forEach(each => each.mock.restore());
  }
  return lines;
};

/** Secrets everywhere, and something wrong with each request. */
const refusedEvents = () => {
  const secret = {
    method: 'POST',
    uri: '/x',
    query: `token=${SECRET}`,
    body: `{"password":"${SECRET}"}`,
    headers: {Authorization: `Bearer ${SECRET}`, Cookie: SECRET, 'X-Forwarded-Authorization': SECRET},
  };
  const withBody = change => {
    const given = event(secret);
    Object.assign(given.Records[0].cf.request.body, change);
    return given;
  };
  return [
    withBody({inputTruncated: true}),
    event({...secret, domainName: 'elsewhere.example.com'}),
    event({...secret, body: undefined, headers: {...secret.headers, 'Content-Length': '9'}}),
    event({...secret, querystring: null}),
    event({...secret, querystring: {[SECRET]: SECRET}}),
    withBody({data: {[SECRET]: SECRET}}),
    event({...secret, uri: '/\u2028\n\u001b[31m"é'.repeat(500), domainName: 'elsewhere.example.com'}),
  ];
};

test('each refusal is one bounded line of printable JSON without a secret', async () => {
  Object.assign(process.env, {AWS_SECRET_ACCESS_KEY: SECRET, AWS_SESSION_TOKEN: SECRET});
  for (const {handler} of handlers(true))
    for (const given of refusedEvents()) {
      let answer;
      const lines = await silently(async () => (answer = await handler(given)));
      assertRefusal(answer);
      assert.doesNotMatch(answer.body, new RegExp(SECRET));
      assert.equal(lines.length, 1);
      assert.match(lines[0], /^[ -~]{1,2000}$/);
      assert.doesNotMatch(lines[0], new RegExp(SECRET));
      const said = JSON.parse(lines[0]);
      assert.equal(String(said.status), answer.status);
      assert.equal(said.message, JSON.parse(answer.body).message);
    }
});

test('an exception is logged by its name and place, without its message', async () => {
  const lines = await silently(() => handlers(true)[0].handler(event({querystring: {[SECRET]: SECRET}})));
  const {error, at} = JSON.parse(lines[0]);
  assert.equal(error, 'TypeError');
  assert.match(at, /^signer\.mjs:\d+$/);
});

test('a signed request logs nothing, and without logs nothing ever does', async () => {
  const quiet = await silently(async () => {
    for (const {handler} of handlers(true)) await handler(event({uri: '/fine'}));
    for (const {handler} of handlers(false)) for (const given of [...refusedEvents(), undefined]) await handler(given);
  });
  assert.deepEqual(quiet, []);
});
