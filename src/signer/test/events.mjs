// Lambda@Edge events for the tests: built by hand with `event`, or drawn from a seed with `generator`.

export const ENDPOINT = 'a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com';
export const REGION = 'eu-north-1';
export const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'ASIAEXAMPLEEXAMPLE00',
  AWS_SECRET_ACCESS_KEY: 'planted/Secret+Access+Key/0123456789abcd',
  AWS_SESSION_TOKEN: 'IQoJb3JpZ2luX2VjE//planted-session-token/+==',
};

/** `headers` by name; a value may be a list. `body` is a Buffer or string, or undefined for none at all. */
export const event = ({
  method = 'GET',
  uri = '/',
  query = '',
  headers = {},
  body,
  path = '',
  domainName = ENDPOINT,
  ...rest
} = {}) => {
  const request = {
    clientIp: '203.0.113.7',
    method,
    uri,
    querystring: query,
    headers: eventHeaders({Host: domainName, 'User-Agent': 'Amazon CloudFront', ...headers}),
    origin: {
      custom: {
        customHeaders: {},
        domainName,
        keepaliveTimeout: 5,
        path,
        port: 443,
        protocol: 'https',
        readTimeout: 30,
        sslProtocols: ['TLSv1.2'],
      },
    },
  };
  if (body !== undefined)
    request.body = {inputTruncated: false, action: 'read-only', encoding: 'base64', data: Buffer.from(body).toString('base64')};
  Object.assign(request, rest);
  return {Records: [{cf: {config: {distributionId: 'E1EXAMPLE', eventType: 'origin-request', requestId: 'req=='}, request}}]};
};

const eventHeaders = headers => {
  const result = {};
  for (const [key, value] of Object.entries(headers))
    result[key.toLowerCase()] = [value].flat().map(each => ({key, value: each}));
  return result;
};

/** What CloudFront puts on the wire for a request that the signer returned; as UTF-8, which has no lone surrogates. */
export const wireOf = request => ({
  method: request.method,
  path: (request.origin.custom.path + request.uri).toWellFormed(),
  query: request.querystring.toWellFormed(),
  headers: Object.values(request.headers)
    .flat()
    .map(({key, value}) => [key, value]),
  body: request.body?.data ?? '',
});

export const valueOf = (request, name) => request.headers[name]?.map(({value}) => value).join();

/** mulberry32: the same seed, the same events, on every machine. */
export const randomOf = seed => {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = n => Math.floor(next() * n);
  return {
    below,
    chance: share => next() < share,
    pick: list => list[below(list.length)],
    list: (most, draw) => Array.from({length: below(most + 1)}, draw),
    bytes: n => Buffer.from(Array.from({length: n}, () => below(256))),
  };
};

/** The seed of this run: reproducible by default, another one with PALISADE_SEED. */
export const SEED = Number(process.env.PALISADE_SEED ?? 20260901);

const SEGMENTS = [
  'pets', '42', 'v1.0', '', '', '.', '..', '...', '~me', 'a b', 'a%20b', 'a%2Fb', 'a%2fb', '%7Eme', '%41', 'a+b', 'a%2Bb',
  'x;v=1', 'k=v,w', "it's", '(paren)', 'star*', 'bang!', '$ref', '@connections', 'a:b', 'a&b', 'café', 'caf%C3%A9', '日本', '😀',
  '%FF', '%zz', '%', '100%', '%%41', 'a"b', '<x>', 'a|b', 'a\\b', '[0]', '{id}', '^', '`', 'a?b', 'a#b', '\u0000', '\t',
  '\u007f', '\u212a', '\u017f', '\ud800', 'x\udc00y', '%2e%2e', '%252F', '_-.~',
];
const QUERY_TEXTS = [
  '', 'a', 'b', 'A', 'aa', 'a-b', 'a.b', 'a_b', 'a~b', '1', '10', '2', 'limit', 'q', 'a+b', 'a%2Bb', 'a%20b', 'a b', 'x=y',
  'x%3Dy', '=', '==', '%26', '%3d', 'café', 'caf%C3%A9', 'caf%E9', '%FF%FE', '%E2%82', '%F0%9F%98%80', '😀', '%', '%%', '%4',
  '%zz', '%00', '\u0000', "it's", '(x)', '*', '!', '$', ',', ';', ':', '@', '/', '?', '[]', 'a[]', '{}', '|', '"', '<', '#',
  '\\', '^', '\u212a', '\ud800', 'X-Amz-Signature', 'X-Amz-Date', '%2F', '%252F', '%ef%bb%bf', '~', '%7e', '\n',
];
const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'];
export const ORIGIN_PATHS = ['', '', '/prod', '/prod/v1', '/a%20b', "/it's"];

/** Viewer-controlled parts of a request, odd ones included. */
export const generator = random => {
  const path = () => '/' + random.list(5, () => random.pick(SEGMENTS)).join('/') + (random.chance(0.2) ? '/' : '');
  const piece = () => {
    const name = random.pick(QUERY_TEXTS);
    return random.chance(0.25) ? name : `${name}=${random.pick(QUERY_TEXTS)}`;
  };
  const query = () => random.list(7, () => (random.chance(0.05) ? '' : piece())).join('&');
  const body = () => {
    const size = random.pick([undefined, undefined, 0, 1, 2, 3, 63, 64, 1024, 5000]);
    return size === undefined ? undefined : random.bytes(size);
  };
  const spoofed = () => {
    const headers = {};
    const add = (share, name, value) => random.chance(share) && (headers[name] = value);
    add(
      0.4,
      random.pick(['Authorization', 'AUTHORIZATION']),
      random.pick(['Bearer viewer', ['Basic a', 'Basic b'], '', 'AWS4-HMAC-SHA256 Credential=AKIAFORGED']),
    );
    add(0.3, random.pick(['X-Amz-Date', 'x-AMZ-date', 'X_Amz_Date']), ['19990101T000000Z', '20000101T000000Z']);
    add(0.3, random.pick(['X-Amz-Security-Token', 'x-amz_security-token']), 'forged');
    add(0.3, 'X-Amz-Content-Sha256', random.pick(['UNSIGNED-PAYLOAD', ['a', 'b']]));
    add(0.3, random.pick(['X-Forwarded-Authorization', 'X_Forwarded_Authorization']), 'Bearer forged');
    add(0.2, 'Content-Type', random.pick(['application/json', 'text/plain; charset="utf-8"', '  a   b ']));
    add(0.2, 'X-Custom', random.pick(['ü', '\u0000', ' spaced   out ', ['1', '2']]));
    add(0.2, 'X-Amz-Meta-Mine', 'kept');
    add(0.1, 'If-None-Match', '"etag"');
    return headers;
  };
  return {
    path,
    query,
    body,
    spoofed,
    request: () => ({
      method: random.pick(METHODS),
      uri: path(),
      query: query(),
      headers: spoofed(),
      body: body(),
      path: random.pick(ORIGIN_PATHS),
    }),
  };
};
