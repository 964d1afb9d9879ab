// Whom the authorizer lets in, for the events that API Gateway makes.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import {readFileSync} from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import {mock, test} from 'node:test';
import {API, digestOf, event, FORMATS, handlerOf, HEADER, isLetIn, NEXT, STAGE, VALUE} from './events.mjs';

const source = readFileSync(new URL('../authorizer.mjs', import.meta.url), 'utf8');

const decide = async (format, headers, options) => isLetIn(format, await handlerOf(format, options)(event(format, headers)));

for (const format of FORMATS) {
  test(`${format}: the accepted value is let in, whatever the case of the header's name`, async () => {
    for (const name of [HEADER, 'X-Origin-Verify', 'X-ORIGIN-VERIFY']) assert.equal(await decide(format, [[name, VALUE]]), true);
    assert.equal(await decide(format, [[HEADER, VALUE]], {headers: ['X-Origin-Verify']}), true);
  });

  test(`${format}: during a rotation either value is let in, and no third`, async () => {
    for (const values of [
      [VALUE, NEXT],
      [NEXT, VALUE],
    ]) {
      assert.equal(await decide(format, [[HEADER, VALUE]], {values}), true);
      assert.equal(await decide(format, [[HEADER, NEXT]], {values}), true);
      assert.equal(await decide(format, [[HEADER, `${VALUE}${NEXT}`]], {values}), false);
    }
    assert.equal(await decide(format, [[HEADER, NEXT]]), false);
  });

  test(`${format}: while one header takes the place of another, either may carry the value`, async () => {
    const headers = [HEADER, 'x-next-verify'];
    for (const name of headers) assert.equal(await decide(format, [[name, VALUE]], {headers}), true);
    assert.equal(await decide(format, [['x-third', VALUE]], {headers}), false);
  });

  test(`${format}: without an accepted value nobody is let in`, async () => {
    for (const value of [VALUE, '', 'undefined', 'null']) assert.equal(await decide(format, [[HEADER, value]], {values: []}), false);
  });

  test(`${format}: a missing, empty or other value is refused`, async () => {
    assert.equal(await decide(format, []), false);
    assert.equal(await decide(format, [['x-origin', VALUE]]), false);
    assert.equal(await decide(format, [['x_origin_verify', VALUE]]), false);
    for (const value of [
      '',
      ' ',
      VALUE.slice(1),
      VALUE.slice(0, -1),
      `${VALUE} `,
      ` ${VALUE}`,
      `${VALUE}\0`,
      VALUE.toUpperCase(),
      digestOf(VALUE),
      encodeURIComponent(`${VALUE}\n`),
      `"${VALUE}"`,
      VALUE.replace('5', '\uff15'),
      `${VALUE}\ud800`,
      '😀'.repeat(64),
      VALUE.repeat(100_000),
    ])
      assert.equal(await decide(format, [[HEADER, value]]), false);
  });

  test(`${format}: an empty value is refused even if its digest is accepted`, async () =>
    assert.equal(await decide(format, [[HEADER, '']], {values: ['']}), false));

  test(`${format}: several values are refused, also if one of them or each is accepted`, async () => {
    for (const [first, second] of [
      [VALUE, 'other'],
      ['other', VALUE],
      [VALUE, VALUE],
      [VALUE, NEXT],
      [VALUE, ''],
    ])
      for (const name of [HEADER, 'X-Origin-Verify'])
        assert.equal(
          await decide(
            format,
            [
              [HEADER, first],
              [name, second],
            ],
            {values: [VALUE, NEXT]},
          ),
          false,
        );
  });

  test(`${format}: each digest is compared in constant time, whichever fits`, async () => {
    const compare = mock.method(crypto, 'timingSafeEqual');
    syncBuiltinESMExports();
    try {
      for (const value of [VALUE, NEXT, 'other']) {
        compare.mock.resetCalls();
        await decide(format, [[HEADER, value]], {values: [VALUE, NEXT]});
        assert.deepEqual(
          compare.mock.calls.map(({arguments: [digest, given]}) => [digest.toString('hex'), given.toString('hex')]),
          [VALUE, NEXT].map(each => [digestOf(each), digestOf(value)]),
        );
      }
    } finally {
      compare.mock.restore();
      syncBuiltinESMExports();
    }
  });
}

test('a value beyond ASCII is compared by its UTF-8', async () => {
  for (const format of FORMATS) {
    assert.equal(await decide(format, [[HEADER, 'schlüssel-鍵-😀']], {values: ['schlüssel-鍵-😀']}), true);
    assert.equal(await decide(format, [[HEADER, 'schlu\u0308ssel-鍵-😀']], {values: ['schlüssel-鍵-😀']}), false);
  }
});

const POLICY_FORMATS = ['REST', 'WEBSOCKET'];

test('a policy is for the whole stage, so that the remembered answer serves all its methods', async () => {
  for (const format of POLICY_FORMATS)
    for (const [methodArn, resource] of [
      [`${STAGE}/GET/`, `${STAGE}/*`],
      [`${STAGE}/DELETE/pets/42/a:b/*/GET/x`, `${STAGE}/*`],
      [`${STAGE}/$connect`, `${STAGE}/*`],
      [`${API}/test-invoke-stage/GET/pets`, `${API}/test-invoke-stage/*`],
      [`${API.replace('aws', 'aws-us-gov')}/v_1/POST/pets`, `${API.replace('aws', 'aws-us-gov')}/v_1/*`],
    ])
      for (const value of [VALUE, 'other']) {
        const answer = await handlerOf(format)(event(format, [[HEADER, value]], methodArn));
        assert.equal(isLetIn(format, answer, resource), value === VALUE);
      }
});

test('a malformed method ARN is refused, everywhere', async () => {
  for (const format of POLICY_FORMATS)
    for (const methodArn of [
      null,
      '',
      'x',
      42,
      {},
      [`${STAGE}/GET/`],
      API,
      STAGE,
      `${API}/`,
      `${API}//GET/`,
      `${API}/*/GET/`,
      `${API}/pro?/GET/`,
      `${API}/$default/GET/`,
      `x${STAGE}/GET/`,
      `\n${STAGE}/GET/`,
      `${STAGE}\n/GET/`,
      'arn:aws:execute-api:*:123456789012:a1b2c3d4e5/prod/GET/',
      'arn:aws:execute-api:eu-north-1:123456789012:*/prod/GET/',
      'arn:aws:execute-api:eu-north-1::a1b2c3d4e5/prod/GET/',
      'arn:aws:s3:eu-north-1:123456789012:a1b2c3d4e5/prod/GET/',
    ]) {
      const answer = await handlerOf(format)(event(format, [[HEADER, VALUE]], methodArn));
      assert.equal(isLetIn(format, answer, '*'), false, `${methodArn}`);
    }
});

test('a request without headers is refused by a policy for its stage', async () => {
  for (const format of POLICY_FORMATS) {
    const without = {...event(format, []), headers: null, multiValueHeaders: null};
    assert.equal(isLetIn(format, await handlerOf(format)(without)), false);
  }
});

test('an HTTP API needs no method ARN', async () => {
  const {routeArn: _, ...given} = event('HTTP', [[HEADER, VALUE]]);
  assert.equal(isLetIn('HTTP', await handlerOf('HTTP')(given)), true);
});

test('the module needs node:crypto alone, and can reach neither a log nor the environment', () => {
  assert.deepEqual(source.match(/from '.*'|require|import\(/g), ["from 'node:crypto'"]);
  assert.doesNotMatch(source, /console|process|globalThis/);
});
