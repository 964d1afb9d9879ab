// The signer against botocore, which shares no code with it: what CloudFront would put on the wire is verified like a server does.
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {mock, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {createHandler} from '../signer.mjs';
import {event, generator, randomOf, SEED, wireOf} from './events.mjs';
import {source} from './package.mjs';

const EVENTS = 800;
const REGIONS = ['eu-north-1', 'us-east-1', 'ap-southeast-2', 'us-gov-west-1'];
const TIMES = ['2026-09-01T12:00:00.999Z', '2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00.000Z', '2028-02-29T00:00:01.001Z'];
const CREDENTIALS = [
  {
    access_key: 'ASIAEXAMPLEEXAMPLE00',
    secret_key: 'planted/Secret+Access+Key/0123456789abcd',
    token: 'IQoJb3JpZ2luX2VjE//token/+==',
  },
  {access_key: 'ASIAEXAMPLEEXAMPLE01', secret_key: 'another/Secret+Access+Key/0123456789abc', token: 'FwoGZXIvYXdzE//token'},
  {access_key: 'AKIAEXAMPLEEXAMPLE02', secret_key: 'long-lived/Secret+Key/0123456789abcdefgh', token: null},
];

test(`botocore finds the signature that we wrote, for ${EVENTS} generated requests (seed ${SEED})`, async () => {
  const verdict = verify(await signedCases(EVENTS));
  assert.equal(verdict.checked, EVENTS);
  assert.deepEqual(verdict.mismatches.slice(0, 5), []);
});

test('botocore notices a request that changed after it was signed', async () => {
  const header = (name, value) => wire => ({
    ...wire,
    headers: wire.headers.map(pair => (pair[0] === name ? [name, value] : pair)),
  });
  const changes = [
    wire => ({...wire, path: wire.path + 'x'}),
    wire => ({...wire, query: wire.query + '&added=1'}),
    wire => ({...wire, method: 'TRACE'}),
    header('x-amz-date', '20260901T120001Z'),
    header('x-amz-security-token', 'swapped'),
    header('x-amz-content-sha256', 'f'.repeat(64)),
    header('host', 'another.example.com'),
  ];
  const signed = (await signedCases(20)).find(({credentials}) => credentials.token);
  const {mismatches} = verify(changes.map(change => ({...signed, wire: change(signed.wire)})));
  const noticed = mismatches.filter(({what}) => what.startsWith('signature')).map(mismatch => mismatch.case);
  assert.deepEqual([...new Set(noticed)], [...changes.keys()]);

  const anotherBody = {...signed.wire, body: Buffer.from('another body').toString('base64')};
  assert.deepEqual(
    verify([{...signed, wire: anotherBody}]).mismatches.map(({what}) => what),
    ['body'],
  );
});

// Each is a mistake that signers make; were one not caught, the comparison above would prove less than it says.
const MISTAKES = {
  'the path is encoded once only': ['parts.push(encoded(part))', 'parts.push(part)'],
  'repeated slashes are signed': ["part && part !== '.'", "part !== '.'"],
  'dot segments are signed': ["part === '..'", 'false'],
  'the last slash is lost': ["path.endsWith('/')", 'false'],
  'the origin path is not signed': ["(origin.custom.path ?? '') + ", ''],
  'the path keeps illegal characters': ['legal(uri)', 'uri.toWellFormed()'],
  'a stray percent sign stays': [String.raw`%(?![\dA-Fa-f]{2})|`, ''],
  'the Kelvin sign passes for a k': ['/gu', '/giu'],
  "!'()* stay as they are": ["[!'()*]", '[~]'],
  'the query is not sorted': ['pairs.sort(byNameThenValue)', 'pairs'],
  'the query is sorted by name=value': ['a.name === b.name', 'true'],
  'the query is not rewritten': ['request.querystring = query;', ';'],
  'the wire has the query sorted': ["joined(pairs, 'wire')", "joined(pairs.sort(byNameThenValue), 'wire')"],
  'the query is signed as it is sent': ["byNameThenValue), 'text')", "byNameThenValue), 'wire')"],
  'the query is sent as it is signed': ["joined(pairs, 'wire')", "joined(pairs, 'text')"],
  'a value ends at its second =': ['pair.slice(end + 1)', "pair.slice(end + 1).split('=')[0]"],
  'a plus sign stays one': ["text.replaceAll('+', ' ')", 'text'],
  'the date stands still': ['now !== second', '!written'],
  'the body is hashed in base64': ["'base64'", "'utf8'"],
  'the key outlives midnight': ['last !== day + secret', '!last'],
  'the Region is a constant': ['[day, region,', "[day, 'us-east-1',"],
  'the token is not signed': ["if (token) signed['x-amz-security-token'] = token;", ''],
  "the viewer's own x-amz-security-token stays": ['delete headers[name]', ''],
};

test('botocore notices each mistake that a signer could make', async () => {
  const cases = [];
  for (const [mistake, [right, wrong]] of Object.entries(MISTAKES)) {
    assert.ok(source.includes(right), `the signer no longer reads ${right}`);
    const broken = await import('data:text/javascript,' + encodeURIComponent(source.replaceAll(right, wrong)));
    cases.push(...(await signedCases(250, broken.createHandler)).map(each => ({...each, mistake})));
  }
  const noticed = new Set(verify(cases).mismatches.map(mismatch => cases[mismatch.case].mistake));
  assert.deepEqual(
    Object.keys(MISTAKES).filter(mistake => !noticed.has(mistake)),
    [],
  );
});

const signedCases = async (count, create = createHandler) => {
  const random = randomOf(SEED);
  const draw = generator(random);
  const handlers = REGIONS.flatMap(region => {
    const host = `a1b2c3d4e5.execute-api.${region}.amazonaws.com`;
    return ['Drop', 'Forward'].map(viewerAuthorization => ({
      region,
      host,
      handler: create({endpoint: host, region, viewerAuthorization, logs: true}),
    }));
  });
  const cases = [];
  mock.timers.enable({apis: ['Date']});
  try {
    while (cases.length < count) {
      const {region, host, handler} = random.pick(handlers);
      const [credentials, time, drawn] = [random.pick(CREDENTIALS), random.pick(TIMES), draw.request()];
      become(credentials);
      mock.timers.setTime(Date.parse(time));
      const signed = await handler(event({...drawn, domainName: host}));
      assert.equal(signed.status, undefined, `refused: ${JSON.stringify([drawn.method, drawn.uri, drawn.query, drawn.headers])}`);
      const viewer = {path: (drawn.path + drawn.uri).toWellFormed(), query: drawn.query.toWellFormed()};
      cases.push({region, host, credentials, time: time.replace(/[:-]|\.\d+/g, ''), wire: wireOf(signed), viewer});
    }
  } finally {
    mock.timers.reset();
  }
  return cases;
};

const become = ({access_key, secret_key, token}) => {
  process.env.AWS_ACCESS_KEY_ID = access_key;
  process.env.AWS_SECRET_ACCESS_KEY = secret_key;
  if (token) process.env.AWS_SESSION_TOKEN = token;
  else delete process.env.AWS_SESSION_TOKEN;
};

const verify = cases => {
  const {status, stdout, stderr, error} = spawnSync(python(), [pathOf('botocore_verify.py')], {
    input: JSON.stringify({cases}),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  assert.equal(status, 0, `the verifier failed: ${error ?? stderr}`);
  return JSON.parse(stdout);
};

// Never skipped: without botocore there is no proof.
const python = () =>
  process.env.PALISADE_PYTHON || execFileSync(pathOf('../../../tests/env/aws/setup'), {encoding: 'utf8'}).trim();

const pathOf = relative => fileURLToPath(new URL(relative, import.meta.url));
