// Times the signer and its peers side by side on the same events: node bench/signer/bench.mjs [--check]
// With --check the exit status says whether the targets are met.
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {createHandler} from '../../src/signer/signer.mjs';
import {CREDENTIALS, ENDPOINT, event, REGION} from '../../src/signer/test/events.mjs';
import {packedSize, source} from '../../src/signer/test/package.mjs';
import {ENTRIES, install, peersFrom} from './peers.mjs';

const TARGETS = {GET: 12, '1 MB': 800, bytes: 5000};
const OURS = 'palisade';

const HEADERS = {
  Accept: 'application/json',
  'Accept-Language': 'sv-SE,sv;q=0.9,en;q=0.7',
  Cookie: 'session=0123456789abcdef0123456789abcdef',
  'CloudFront-Viewer-Country': 'SE',
  Via: '2.0 0123456789abcdef.cloudfront.net (CloudFront)',
  'X-Forwarded-For': '203.0.113.7',
};
const body = size => ({method: 'POST', uri: '/prod/pets', headers: HEADERS, body: Buffer.alloc(size, 'palisade')});
// With Host and User-Agent 8 headers. `calls` are those of a round, `rounds` alternate between the signers.
const CASES = {
  GET: {
    parts: {uri: '/prod/pets/42', query: 'limit=20&offset=40&sort=name%20asc&filter=a%2Bb&q=caf%C3%A9', headers: HEADERS},
    calls: 2000,
    rounds: 25,
  },
  'POST 1 KiB': {parts: body(1024), calls: 2000, rounds: 15},
  '256 KiB': {parts: body(256 * 1024), calls: 20, rounds: 15},
  '1 MB': {parts: body(1_000_000), calls: 8, rounds: 15},
};

const main = async () => {
  // As long as those that Lambda hands out.
  Object.assign(process.env, CREDENTIALS, {AWS_SESSION_TOKEN: 'IQoJb3JpZ2luX2Vj'.repeat(50)});
  const folder = install();
  const options = {endpoint: ENDPOINT, region: REGION, viewerAuthorization: 'Drop', logs: false};
  const signers = {[OURS]: createHandler(options), ...peersFrom(folder, options)};

  const medians = {};
  for (const [name, each] of Object.entries(CASES)) medians[name] = await timed(signers, each);
  const bytes = await bundles(folder);
  const packed = packedSize(options);

  print(Object.keys(signers), medians, bytes);
  console.log(`\nsigner.mjs: ${source.length} bytes as written, ${bytes[OURS]} minified; the package, compressed: ${packed}\n`);
  compare(medians, Math.max(packed, bytes[OURS]));
};

/** Median of single calls in µs, for each signer. Events are made anew, since a signer changes them. */
const timed = async (signers, {parts, calls, rounds}) => {
  const given = JSON.stringify(event(parts));
  const times = Object.fromEntries(Object.keys(signers).map(name => [name, []]));
  for (let round = -Math.ceil(rounds / 5); round < rounds; round++)
    for (const [name, sign] of Object.entries(signers)) {
      for (let call = 0; call < calls; call++) {
        const each = JSON.parse(given);
        const start = process.hrtime.bigint();
        await sign(each);
        const spent = Number(process.hrtime.bigint() - start) / 1000;
        if (round >= 0) times[name].push(spent); // those before warm up
      }
    }
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, all.sort((a, b) => a - b)[all.length >> 1]]));
};

/** Bytes of each as one minified module. */
const bundles = async folder => {
  const esbuild = createRequire(join(folder, 'package.json'))('esbuild');
  const bundled = async (contents, resolveDir) => {
    const {outputFiles} = await esbuild.build({
      stdin: {contents, resolveDir},
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'esm',
      write: false,
    });
    return outputFiles[0].contents.length;
  };
  const sizes = {[OURS]: await bundled(`export * from './signer.mjs'`, new URL('../../src/signer', import.meta.url).pathname)};
  for (const [name, entry] of Object.entries(ENTRIES)) sizes[name] = await bundled(entry, folder);
  return sizes;
};

const print = (names, medians, bytes) => {
  const cells = [['', ...Object.keys(CASES).map(name => `${name}, µs`), 'bundle, bytes']];
  for (const name of names) {
    const cell = (value, ours) =>
      `${value < 100 ? value.toFixed(1) : Math.round(value)}${name === OURS ? '' : ` (${(value / ours).toFixed(1)}×)`}`;
    const size = bytes[name] ? cell(bytes[name], bytes[OURS]) : '';
    cells.push([name, ...Object.values(medians).map(each => cell(each[name], each[OURS])), size]);
  }
  const widths = cells[0].map((_, column) => Math.max(...cells.map(row => row[column].length)));
  const line = row =>
    `| ${row.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join(' | ')} |`;
  console.log(`Medians of single calls, Node ${process.versions.node}\n`);
  console.log(
    [
      line(cells[0]),
      line(widths.map((width, column) => (column ? '-'.repeat(width - 1) + ':' : '-'.repeat(width)))),
      ...cells.slice(1).map(line),
    ].join('\n'),
  );
};

const compare = (medians, bytes) => {
  const seen = {GET: medians.GET[OURS], '1 MB': medians['1 MB'][OURS], bytes};
  for (const [what, most] of Object.entries(TARGETS)) {
    const met = seen[what] <= most;
    console.log(`- ${met ? 'met' : 'MISSED'}: ${what} ${seen[what].toFixed(1)}, at most ${most}`);
    if (!met && process.argv.includes('--check')) process.exitCode = 1;
  }
};

await main();
