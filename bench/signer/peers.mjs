// What the signer is measured against, each as one would write it in a Lambda@Edge function with that library.
import {execFileSync} from 'node:child_process';
import {createHash, createHmac} from 'node:crypto';
import {cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import {homedir} from 'node:os';
import {join} from 'node:path';

/** Installs the pinned peers into the cache, once for each lockfile, and returns their folder. */
export const install = () => {
  const here = name => new URL(name, import.meta.url);
  const lock = createHash('sha256')
    .update(readFileSync(here('package-lock.json')))
    .digest('hex')
    .slice(0, 12);
  const cache = join(process.env.PALISADE_CACHE || join(homedir(), '.cache', 'palisade'), 'bench-signer');
  const folder = join(cache, lock);
  if (existsSync(folder)) return folder;
  const unfinished = join(cache, `.${lock}.${process.pid}`);
  mkdirSync(unfinished, {recursive: true});
  for (const name of ['package.json', 'package-lock.json']) cpSync(here(name), join(unfinished, name));
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], {
    cwd: unfinished,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(unfinished, {recursive: true}); // another run was faster
  }
  return folder;
};

export const peersFrom = (folder, {endpoint, region}) => {
  const require = createRequire(join(folder, 'package.json'));
  return {
    'hashing alone': hashing,
    aws4: withAws4(require('aws4'), endpoint, region),
    'smithy, node:crypto': withSmithy(require('@smithy/signature-v4'), NodeSha256, endpoint, region),
    'smithy, sha256-js': withSmithy(require('@smithy/signature-v4'), require('@aws-crypto/sha256-js').Sha256, endpoint, region),
  };
};

/** Entry points of the bundles whose size is compared. */
export const ENTRIES = {
  aws4: `export {default} from 'aws4'`,
  'smithy, node:crypto': `export {SignatureV4} from '@smithy/signature-v4'`,
  'smithy, sha256-js': `export {SignatureV4} from '@smithy/signature-v4'; export {Sha256} from '@aws-crypto/sha256-js'`,
};

const withAws4 = (aws4, host, region) => async event => {
  const request = event.Records[0].cf.request;
  const {headers} = aws4.sign(
    {
      host,
      region,
      service: 'execute-api',
      method: request.method,
      path: request.origin.custom.path + request.uri + (request.querystring && '?' + request.querystring),
      body: request.body && Buffer.from(request.body.data, 'base64'),
    },
    {
      accessKeyId: process.env.AWS_ACCESS_KEY_ID,
      secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
      sessionToken: process.env.AWS_SESSION_TOKEN,
    },
  );
  return withHeaders(request, headers);
};

const withSmithy = ({SignatureV4}, sha256, hostname, region) => {
  const credentials = async () => ({
    accessKeyId: process.env.AWS_ACCESS_KEY_ID,
    secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
    sessionToken: process.env.AWS_SESSION_TOKEN,
  });
  const signer = new SignatureV4({service: 'execute-api', region, credentials, sha256});
  return async event => {
    const request = event.Records[0].cf.request;
    const query = {};
    for (const [name, value] of new URLSearchParams(request.querystring))
      query[name] = name in query ? [query[name], value].flat() : value;
    const {headers} = await signer.sign({
      protocol: 'https:',
      hostname,
      method: request.method,
      path: request.origin.custom.path + request.uri,
      query,
      headers: {host: hostname},
      body: request.body && Buffer.from(request.body.data, 'base64'),
    });
    return withHeaders(request, headers);
  };
};

/** What no signer can save: the body's and the canonical request's hash, and one HMAC. It tells how fast the machine is now. */
const hashing = async event => {
  const {body, querystring} = event.Records[0].cf.request;
  const hash = createHash('sha256').update(body?.data ?? '', 'base64');
  const canonical = createHash('sha256').update(CANONICAL + querystring + hash.digest('hex'));
  return createHmac('sha256', KEY).update(canonical.digest('hex')).digest('hex');
};
const KEY = Buffer.alloc(32);
// As long as the token and what else stands in one.
const CANONICAL = 'a'.repeat(1000);

class NodeSha256 {
  constructor(secret) {
    this.hash = secret ? createHmac('sha256', secret) : createHash('sha256');
  }
  update(data) {
    this.hash.update(data);
  }
  async digest() {
    return this.hash.digest();
  }
}

const withHeaders = (request, headers) => {
  for (const name of Object.keys(headers)) request.headers[name.toLowerCase()] = [{key: name, value: headers[name]}];
  return request;
};
