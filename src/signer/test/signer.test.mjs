// What the signer does with the requests that people ask about, one by one.
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {beforeEach, mock, test} from 'node:test';
import {createHandler} from '../signer.mjs';
import {CREDENTIALS, ENDPOINT, event, REGION, valueOf} from './events.mjs';
import {packedSize, source} from './package.mjs';

const handlerWith = options =>
  createHandler({endpoint: ENDPOINT, region: REGION, viewerAuthorization: 'Drop', logs: false, ...options});
const sign = (parts, options) => handlerWith(options)(event(parts));
const sha256 = bytes => createHash('sha256').update(bytes).digest('hex');
const signatureOf = signed => /Signature=([0-9a-f]{64})$/.exec(valueOf(signed, 'authorization'))[1];

beforeEach(() => Object.assign(process.env, CREDENTIALS));

const at = async (time, act) => {
  mock.timers.enable({apis: ['Date'], now: Date.parse(time)});
  try {
    return await act();
  } finally {
    mock.timers.reset();
  }
};

test('a plain request gets the five headers of a signature and is otherwise left alone', async () => {
  const before = event({uri: '/prod/pets', headers: {Accept: '*/*', 'If-None-Match': '"x"'}}).Records[0].cf.request;
  const signed = await at('2026-09-01T12:00:00Z', () =>
    sign({uri: '/prod/pets', headers: {Accept: '*/*', 'If-None-Match': '"x"'}}),
  );
  const {
    authorization,
    host,
    'x-amz-date': date,
    'x-amz-security-token': token,
    'x-amz-content-sha256': payload,
    ...others
  } = signed.headers;
  const {host: _, ...othersBefore} = before.headers;
  assert.deepEqual({...signed, headers: others}, {...before, headers: othersBefore});
  assert.deepEqual(host, [{key: 'host', value: ENDPOINT}]);
  assert.equal(date[0].value, '20260901T120000Z');
  assert.equal(token[0].value, CREDENTIALS.AWS_SESSION_TOKEN);
  assert.equal(payload[0].value, sha256(''));
  assert.match(
    authorization[0].value,
    /^AWS4-HMAC-SHA256 Credential=ASIAEXAMPLEEXAMPLE00\/20260901\/eu-north-1\/execute-api\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
  );
});

test('a signature does not depend on headers that CloudFront may change afterwards', async () => {
  const bare = await at('2026-09-01T12:00:00Z', () => sign({uri: '/a'}));
  const headers = {
    Via: '1.1 x',
    'X-Forwarded-For': '1.2.3.4',
    'User-Agent': 'y',
    'Accept-Encoding': 'br',
    'Content-Type': 'text/plain',
  };
  const dressed = await at('2026-09-01T12:00:00Z', () => sign({uri: '/a', headers}));
  assert.equal(signatureOf(dressed), signatureOf(bare));
});

test('a legal path reaches the API byte for byte', async () => {
  const reported = ['/$default/%40connections/AbCdEf%3D', '/prod/files/reports%2F2026%2Bq1+final'];
  for (const uri of [...reported, '/', '//a///b', '/a/./b/../c/', "/it's/(x)*!/$&+,;=:@~", '/a%20b%2Fc%2f', '/%E2%82%AC%7e'])
    assert.equal((await sign({uri})).uri, uri);
});

test('a path with illegal characters is encoded, once', async () => {
  for (const [uri, wire] of [
    ['/café', '/caf%C3%A9'],
    ['/a b', '/a%20b'],
    ['/😀', '/%F0%9F%98%80'],
    ['/100%', '/100%25'],
    ['/%zz%41', '/%25zz%41'],
    ['/[{|}]', '/%5B%7B%7C%7D%5D'],
    ['/\u212a', '/%E2%84%AA'],
    ['/\ud800', '/%EF%BF%BD'],
  ])
    assert.equal((await sign({uri})).uri, wire);
});

test('the query is sent in the order of the viewer, and encoded only where readings of it would differ', async () => {
  for (const [query, wire] of [
    ['', ''],
    ['b=2&a=1&b=1', 'b=2&a=1&b=1'],
    ['flag&empty=', 'flag=&empty='],
    ['q=a+b%20c', 'q=a%20b%20c'],
    ['q=a%2Bb', 'q=a%2Bb'],
    ['t=x=y==', 't=x%3Dy%3D%3D'],
    ['?a=1', '%3Fa=1'],
    ['a=1&&b=2&', 'a=1&b=2'],
    ['=v', '=v'],
    ["q='(*)!", "q='(*)!"],
    ['ids=1,2,3&at=12:30&$filter=a/b@c', 'ids=1,2,3&at=12:30&$filter=a/b@c'],
    ['list=a%2Cb,c%2c%3A', 'list=a%2Cb,c%2C%3A'],
    ['q=a,b c;d+e', 'q=a,b%20c%3Bd%20e'],
    ['q=%7e%c3%a9', 'q=~%C3%A9'],
    ['q=caf%E9', 'q=caf%EF%BF%BD'],
    ['q=é%', 'q=%C3%A9%25'],
    ['a%3Db=c%26d', 'a%3Db=c%26d'],
  ])
    assert.equal((await sign({query})).querystring, wire);
});

test('what is encoded as it should be is sent as it came, and everything else as decoding and encoding make it', async () => {
  const hex = byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  const bytes = Array.from({length: 256}, (_, byte) => hex(byte));
  const pairs = bytes.slice(0xbd).flatMap(first => bytes.slice(0x7e).map(second => first + second));
  const values = [...bytes, ...bytes.map(each => each.toLowerCase()), ...pairs, '%E2%82%AC', '%F0%9F%90%95', '%ED%A0%80', 'a+b', '%C3'];
  const unreserved = c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`;
  const expected = values.map(value => encodeURIComponent(new URLSearchParams(`=${value}`).get('')).replace(/[!'()*]/g, unreserved));
  const sent = await Promise.all(values.map(async value => (await sign({query: `k=${value}`})).querystring.slice(2)));
  assert.deepEqual(sent, expected);
});

test("no query grows over CloudFront's limit: one that would is sent as it came, with the same signature", async () => {
  const list = Array.from({length: 1400}, (_, id) => id).join();
  const signatures = async query => signatureOf(await at('2026-09-01T12:00:00Z', () => sign({uri: '/prod/pets', query})));
  for (const query of [`ids=${list}`, 'a+'.repeat(4000), 'flag&'.repeat(1630), 'x%=&'.repeat(2000)]) {
    const sent = await sign({uri: '/prod/pets', query});
    assert.equal(sent.querystring, query);
    assert.equal(await signatures(query), await signatures(query.replaceAll('+', '%20').replaceAll(',', '%2C')));
  }
  const fits = 'a+'.repeat(1000);
  assert.equal((await sign({query: fits})).querystring, fits.replaceAll('+', '%20') + '=');
});

test('what cannot be sent as it came, nor fits once encoded, is refused', async () => {
  for (const parts of [{query: `q=${'é'.repeat(1400)}`}, {uri: '/' + 'é'.repeat(1400)}, {uri: '/' + 'é'.repeat(1200), query: '[]'.repeat(1000)}])
    assert.equal((await sign(parts)).status, '414');
  for (const parts of [{query: `q=${'é'.repeat(1360)}`}, {uri: '/' + 'a'.repeat(8000)}, {query: 'a'.repeat(8191)}])
    assert.equal((await sign(parts)).status, undefined);
});

test('the decoded bytes of the body are hashed, and the body is returned untouched', async () => {
  for (const body of [
    '',
    '{"a":1}',
    Buffer.from([0, 255, 128, 10]),
    ...[49151, 49152, 49153, 1_000_000].map(size => Buffer.alloc(size, 0xa7)),
  ]) {
    const signed = await sign({method: 'POST', body});
    assert.equal(valueOf(signed, 'x-amz-content-sha256'), sha256(body));
    assert.deepEqual(signed.body, {
      inputTruncated: false,
      action: 'read-only',
      encoding: 'base64',
      data: Buffer.from(body).toString('base64'),
    });
  }
});

test('HEAD, OPTIONS and a WebSocket handshake are signed like any request', async () => {
  const handshake = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Key': 'x3JJHMbDL1EzLkh9GBhXDw==',
    'Sec-WebSocket-Version': '13',
  };
  for (const parts of [{method: 'HEAD'}, {method: 'OPTIONS'}, {uri: '/prod', headers: handshake}]) {
    const signed = await sign(parts);
    assert.equal(valueOf(signed, 'x-amz-content-sha256'), sha256(''));
    for (const [key, value] of Object.entries(parts.headers ?? {}))
      assert.deepEqual(signed.headers[key.toLowerCase()], [{key, value}]);
  }
});

test("the viewer's proofs are replaced, in whatever form they come", async () => {
  const headers = {
    'X-AMZ-Date': ['19990101T000000Z', '20990101T000000Z'],
    'x-amz-security-token': 'forged',
    'X-Amz-Content-Sha256': ['a', 'b'],
    Authorization: ['Bearer a', 'Bearer b'],
    X_Amz_Date: 'x',
    'X-Amz_Security-Token': 'y',
  };
  const signed = await sign({headers});
  for (const name of ['x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256', 'authorization'])
    assert.equal(signed.headers[name].length, 1);
  assert.doesNotMatch(JSON.stringify(signed.headers), /forged|1999|2099|Bearer|x_amz|amz_/i);
});

test("a viewer's token is removed when our credential has none", async () => {
  delete process.env.AWS_SESSION_TOKEN;
  const signed = await sign({headers: {'X-Amz-Security-Token': 'forged'}});
  assert.equal(signed.headers['x-amz-security-token'], undefined);
  assert.match(valueOf(signed, 'authorization'), /SignedHeaders=host;x-amz-content-sha256;x-amz-date,/);
});

test("the viewer's other x-amz-* headers pass: an API may use them", async () => {
  const signed = await sign({headers: {'X-Amz-Meta-Mine': 'kept', 'X-Amz-Cf-Id': 'cf'}});
  assert.deepEqual([valueOf(signed, 'x-amz-meta-mine'), valueOf(signed, 'x-amz-cf-id')], ['kept', 'cf']);
});

test("Drop removes the viewer's Authorization, Forward passes it on, and neither lets the viewer forge it", async () => {
  const headers = {Authorization: 'Bearer viewer', 'X-Forwarded-Authorization': 'forged', X_Forwarded_Authorization: 'forged'};
  const dropped = await sign({headers});
  assert.doesNotMatch(JSON.stringify(dropped.headers), /forged|Bearer/);
  const forwarded = await sign({headers}, {viewerAuthorization: 'Forward'});
  assert.deepEqual(forwarded.headers['x-forwarded-authorization'], [{key: 'x-forwarded-authorization', value: 'Bearer viewer'}]);
  assert.doesNotMatch(JSON.stringify(forwarded.headers), /forged/);
  const without = await sign({headers: {'X-Forwarded-Authorization': 'forged'}}, {viewerAuthorization: 'Forward'});
  assert.equal(without.headers['x-forwarded-authorization'], undefined);
});

test('what cannot be signed is refused in JSON, uncached, and never forwarded', async () => {
  const truncated = event({method: 'POST', body: 'x'});
  truncated.Records[0].cf.request.body.inputTruncated = true;
  const refused = async (status, message, promise) =>
    assert.deepEqual(await promise, {
      status,
      headers: {
        'x-palisade-signer': [{key: 'x-palisade-signer', value: 'refused'}],
        'cache-control': [{key: 'cache-control', value: 'no-store'}],
        'content-type': [{key: 'content-type', value: 'application/json'}],
      },
      body: JSON.stringify({message}),
    });
  await refused('413', 'The request body is over 1 MB, the most that can be signed', handlerWith()(truncated));
  await refused('502', 'The signer does not serve this origin', sign({domainName: 'other.execute-api.eu-north-1.amazonaws.com'}));
  await refused('502', 'The signer does not serve this origin', sign({origin: {s3: {domainName: ENDPOINT}}}));
  await refused('502', 'The signer was not given the body', sign({method: 'POST', headers: {'Content-Length': '5'}}));
  await refused('500', 'The request could not be signed', handlerWith()({}));
  await refused('500', 'The request could not be signed', handlerWith()(undefined));
  for (const missing of ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID']) {
    delete process.env[missing];
    await refused('503', 'The signer has no credentials', sign({}));
  }
});

test('credentials are read at each call', async () => {
  const handler = handlerWith();
  const signed = [];
  for (const secret of ['first', 'second', 'first']) {
    process.env.AWS_SECRET_ACCESS_KEY = secret;
    signed.push(signatureOf(await at('2026-09-01T12:00:00Z', () => handler(event()))));
  }
  assert.notEqual(signed[0], signed[1]);
  assert.equal(signed[0], signed[2]);
});

test('midnight UTC changes scope and key together, whatever the time zone', async () => {
  const handler = handlerWith();
  process.env.TZ = 'Pacific/Kiritimati';
  for (const [time, day] of [
    ['2026-12-31T23:59:59.999Z', '20261231'],
    ['2027-01-01T00:00:00.000Z', '20270101'],
  ]) {
    const signed = await at(time, () => handler(event()));
    const fresh = await at(time, () => handlerWith()(event()));
    assert.equal(valueOf(signed, 'x-amz-date').slice(0, 8), day);
    assert.ok(valueOf(signed, 'authorization').includes(`/${day}/eu-north-1/`));
    assert.equal(signatureOf(signed), signatureOf(fresh));
  }
  delete process.env.TZ;
});

test('several Regions live in one process, and AWS_REGION is not one of them', async () => {
  process.env.AWS_REGION = 'us-west-2';
  const handlers = ['eu-north-1', 'ap-south-1'].map(region => [region, handlerWith({region})]);
  for (const [region, handler] of [...handlers, ...handlers])
    assert.ok(valueOf(await handler(event()), 'authorization').includes(`/${region}/execute-api/`));
  delete process.env.AWS_REGION;
});

test('the module needs node:crypto alone, and the package packs to 5 kB at most', () => {
  assert.deepEqual(source.match(/from '.*'|require|import\(/g), ["from 'node:crypto'"]);
  const packed = packedSize({endpoint: ENDPOINT, region: REGION, viewerAuthorization: 'Forward', logs: false});
  assert.ok(packed <= 5000, `${packed} bytes`);
});
