// Events as API Gateway hands them to a request authorizer, and what the authorizer may answer.
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {createHandler} from '../authorizer.mjs';

export const HEADER = 'x-origin-verify';
export const VALUE = `palisade${'5e'.repeat(32)}`;
export const NEXT = `palisade${'c4'.repeat(32)}`;
export const API = 'arn:aws:execute-api:eu-north-1:123456789012:a1b2c3d4e5';
export const STAGE = `${API}/prod`;
export const FORMATS = ['REST', 'HTTP', 'WEBSOCKET'];

export const digestOf = value => createHash('sha256').update(value).digest('hex');

export const handlerOf = (format, {values = [VALUE], headers = [HEADER]} = {}) =>
  createHandler({headers, digests: values.map(digestOf), format});

const ROUTES = {REST: 'GET/pets/42', HTTP: 'GET/pets/42', WEBSOCKET: '$connect'};

/** `headers` are pairs, as on the wire; the formats fold a repeated header in their own ways. */
export const event = (format, headers, methodArn = `${STAGE}/${ROUTES[format]}`) => {
  const all = [['Host', 'a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com'], ['Accept', '*/*'], ...headers];
  const by = (nameOf, fold) =>
    all.reduce((folded, [name, value]) => ({...folded, [nameOf(name)]: fold(folded[nameOf(name)], value)}), {});
  if (format === 'HTTP')
    return {
      version: '2.0',
      type: 'REQUEST',
      routeArn: methodArn,
      identitySource: headers.map(([, value]) => value),
      headers: by(
        name => name.toLowerCase(),
        (before, value) => (before === undefined ? value : `${before},${value}`),
      ),
    };
  return {
    type: 'REQUEST',
    methodArn,
    headers: by(
      name => name,
      (_, value) => value,
    ),
    multiValueHeaders: by(
      name => name,
      (before = [], value) => [...before, value],
    ),
  };
};

/** Whether the answer lets in; it must have the form that API Gateway expects, for the whole stage. */
export const isLetIn = (format, answer, resource = `${STAGE}/*`) => {
  if (format === 'HTTP') {
    assert.equal(typeof answer.isAuthorized, 'boolean');
    assert.deepEqual(Object.keys(answer), ['isAuthorized']);
    return answer.isAuthorized;
  }
  const [{Effect}] = answer.policyDocument.Statement;
  assert.ok(['Allow', 'Deny'].includes(Effect));
  assert.deepEqual(answer, {
    principalId: 'perimeter',
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{Action: 'execute-api:Invoke', Effect, Resource: resource}],
    },
  });
  return Effect === 'Allow';
};
