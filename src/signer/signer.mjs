// Lambda@Edge, origin-request: signs (SigV4) what CloudFront sends to API Gateway.
// docs/signer.md says what and why. The package stays under 5 kB.
import {createHash, createHmac, hash} from 'node:crypto';

export const createHandler = ({endpoint, region, viewerAuthorization, logs}) => {
  const signingKey = signingKeyOf(region);
  return async event => {
    const request = event?.Records?.[0]?.cf?.request;
    let status, message, error;
    try {
      // Read at each call: Lambda renews them.
      const {AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token} = process.env;
      [status, message] = refusal(request, endpoint, id && secret);
      if (!status) {
        const pairs = pairsOf(request.querystring);
        if (fits(request, pairs)) {
          dropForgeable(request.headers, viewerAuthorization === 'Forward');
          return sign(request, pairs, {endpoint, region, signingKey, id, secret, token});
        }
        [status, message] = [414, 'Path and query, once encoded, are over the 8,192 characters that CloudFront sends'];
      }
    } catch (caught) {
      // Nothing leaves unsigned.
      [status, message, error] = [500, 'The request could not be signed', caught];
    }
    if (logs) log(status, message, error, request?.uri);
    return answer(`${status}`, message);
  };
};

const refusal = ({origin, headers, body}, endpoint, credentials) => {
  if (origin?.custom?.domainName !== endpoint) return [502, 'The signer does not serve this origin'];
  if (!credentials) return [503, 'The signer has no credentials'];
  if (body?.inputTruncated) return [413, 'The request body is over 1 MB, the most that can be signed'];
  if (!body && headers['content-length']?.[0]?.value > 0) return [502, 'The signer was not given the body'];
  return [];
};

const FORWARDED = 'x-forwarded-authorization';
// Dots: CGI and WSGI read `_` as `-`.
const FORGEABLE = /^(x.forwarded.)?authorization$|^x.amz.(date|security.token|content.sha256)$/i;

const dropForgeable = (headers, forward) => {
  const {authorization} = headers;
  for (const name in headers) if (FORGEABLE.test(name)) delete headers[name];
  if (forward && authorization) headers[FORWARDED] = authorization.map(({value}) => ({key: FORWARDED, value}));
};

const sign = (request, pairs, {endpoint, region, signingKey, id, secret, token}) => {
  const {method, headers, origin} = request;
  const path = canonicalPath((origin.custom.path ?? '') + request.uri);
  const body = bodyHash(request.body);
  const date = dateAt(Math.floor(Date.now() / 1000));
  const day = date.slice(0, 8);

  // Sorted. CloudFront may change any other header after us.
  const signed = {host: endpoint, 'x-amz-content-sha256': body, 'x-amz-date': date};
  if (token) signed['x-amz-security-token'] = token;
  let lines = '';
  for (const name in signed) {
    headers[name] = entry(name, signed[name]);
    lines += `${name}:${signed[name]}\n`;
  }
  const names = Object.keys(signed).join(';');

  const canonical = `${method}\n${path}\n${joined(pairs.sort(byNameThenValue), 'text')}\n${lines}\n${names}\n${body}`;
  const scope = `${day}/${region}/execute-api/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash('sha256', canonical)}`;
  const signature = signingKey(secret, day)(toSign);
  const proof = `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  headers.authorization = entry('authorization', proof);
  return request;
};

// Of each pair: its name and all of it as they are signed, and all of it as it is sent.
const pairsOf = query => legal(query).split('&').filter(Boolean).map(pairOf);

const pairOf = pair => {
  const end = pair.includes('=') ? pair.indexOf('=') : pair.length;
  const [name, value] = [pair.slice(0, end), pair.slice(end + 1)];
  const [n, v] = [reencoded(name), reencoded(value)];
  return {name: n, text: `${n}=${v}`, wire: `${sendable(name, n)}=${sendable(value, v)}`};
};

const joined = (pairs, form) => pairs.map(pair => pair[form]).join('&');

// Sets what is sent. Where that would grow over CloudFront's limit, the query stays as it came: AWS reads it the same, but not everybody does.
const fits = (request, pairs) => {
  const {uri, querystring} = request;
  const most = Math.max(8191, uri.length + querystring.length);
  request.uri = legal(uri);
  const query = joined(pairs, 'wire');
  if (request.uri.length + query.length <= most) request.querystring = query;
  else return request.uri.length + querystring.length <= most && /^[!-~]*$/.test(querystring);
  return true;
};

// Not by the whole text: a name may go on with what sorts before `=`.
const byNameThenValue = (a, b) => (a.name === b.name ? order(a.text, b.text) : order(a.name, b.name));
const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

const reencoded = text => (ENCODED.test(text) ? text : encoded(decoded(text.replaceAll('+', ' '))));

// Valid as they stand, and of one meaning: AWS encodes them before it verifies.
const KEPT = /([!$'()*,:@/]+)/;
const sendable = (text, signed) =>
  text === signed || !KEPT.test(text) ? signed : text.split(KEPT).map((part, at) => (at % 2 ? part : reencoded(part))).join('');

// The second way does not throw on invalid UTF-8.
const decoded = text => {
  try {
    return decodeURIComponent(text);
  } catch {
    return new URLSearchParams('=' + text).get('');
  }
};

// Encodes what no URL may hold. (Flags `iu` would take U+212A for a `k`.)
const legal = text => text.toWellFormed().replace(/%(?![\dA-Fa-f]{2})|[^\w\-.~!$&'()*+,;=:@/%]/gu, c => encodeURIComponent(c));

// The tests before the work: most texts need none. Of what is encoded as it should be, ASCII and UTF-8 of two bytes are recognised.
const PLAIN = /^[\w.~-]*$/;
const ENCODED = /^(?:[\w.~-]|%(?:[01][\dA-F]|2[\dABCF]|3[A-F]|[46]0|[57][BCD]|5E|7F|(?:C[2-9A-F]|D[\dA-F])%[89AB][\dA-F]))*$/;
const encoded = text => {
  if (PLAIN.test(text)) return text;
  const most = encodeURIComponent(text);
  return /[!'()*]/.test(most) ? most.replace(/[!'()*]/g, hex) : most;
};
const hex = c => '%' + c.charCodeAt().toString(16).toUpperCase();

// Resolved as AWS does before it verifies; the API gets the path as it came.
const canonicalPath = path => {
  const parts = [];
  for (const part of path.split('/'))
    if (part === '..') parts.pop();
    else if (part && part !== '.') parts.push(encoded(part));
  return `/${parts.join('/')}${parts.length && path.endsWith('/') ? '/' : ''}`;
};

const EMPTY = hash('sha256', '');
const bodyHash = body => {
  if (!body?.data) return EMPTY;
  const sum = createHash('sha256');
  // In pieces: a fresh large buffer costs more than its hash.
  for (let rest = body.data; rest; rest = rest.slice(65536)) sum.update(rest.slice(0, 65536), 'base64');
  return sum.digest('hex');
};
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();

// HMAC of ASCII, up to 448 characters, by two hashes: createHmac makes an object each time. Both buffers begin with the padded key.
const hmacBy = key => {
  const [inner, outer] = [0x36, 0x5c].map(pad => Buffer.alloc(512, pad));
  key.forEach((byte, at) => [inner, outer].forEach(buffer => (buffer[at] ^= byte)));
  return text => {
    const end = 64 + inner.latin1Write(text, 64);
    outer.latin1Write(hash('sha256', inner.subarray(0, end), 'latin1'), 64);
    return hash('sha256', outer.subarray(0, 96));
  };
};

// Remembers one: a process has one credential at a time.
const signingKeyOf = region => {
  let last, key;
  return (secret, day) => {
    if (last !== day + secret) key = hmacBy([day, region, 'execute-api', 'aws4_request'].reduce(hmac, 'AWS4' + secret));
    last = day + secret;
    return key;
  };
};

// Remembers one: writing a date takes longer than all other text.
let second, written;
const dateAt = now => {
  if (now !== second) written = new Date(now * 1000).toISOString().replace(/[:-]|\.\d+/g, '');
  second = now;
  return written;
};

const entry = (key, value) => [{key, value}];

// The first header tells our answers from those of the API.
const HEADERS = {'x-palisade-signer': 'refused', 'cache-control': 'no-store', 'content-type': 'application/json'};
const answer = (status, message) => {
  const headers = {};
  for (const name in HEADERS) headers[name] = entry(name, HEADERS[name]);
  return {status, headers, body: JSON.stringify({message})};
};

// Not the error's message: it may quote the viewer.
const log = (status, message, error, uri) => {
  const at = /signer\.mjs:\d+/.exec(error?.stack)?.[0];
  const line = JSON.stringify({status, message, error: error?.name, at, uri: `${uri}`.slice(0, 200)});
  console.log(line.replace(/[^ -~]/g, '?'));
};
