// Lambda authorizer (request type): lets in who shows one of the accepted values in a header. It knows their SHA-256 only.
// Fails closed, and never logs: an event holds the value.
import {hash, timingSafeEqual} from 'node:crypto';

export const createHandler = ({headers, digests, format}) => {
  const names = headers.map(name => name.toLowerCase());
  const accepted = digests.map(digest => Buffer.from(digest, 'hex'));
  const answer = format === 'HTTP' ? simple : policy;
  return async event => {
    try {
      const values = names.map(name => valueOf(event, name));
      // All are compared, whichever fits.
      return answer(values.map(value => isAccepted(value, accepted)).includes(true), event.methodArn);
    } catch {
      return answer(false);
    }
  };
};

/** The header's value, if there is exactly one: REST and WebSocket events hold the headers twice, and both must agree. */
const valueOf = ({headers, multiValueHeaders}, name) => {
  const [values = [], ...others] = [headers, multiValueHeaders].filter(Boolean).map(each => valuesIn(each, name));
  const agreed = others.every(other => other.length === 1 && other[0] === values[0]);
  return values.length === 1 && agreed ? values[0] : undefined;
};

const valuesIn = (headers, name) =>
  Object.entries(headers).flatMap(([key, value]) => (key.toLowerCase() === name ? value : []));

const isAccepted = (value, accepted) => {
  if (typeof value !== 'string' || !value) return false;
  const given = hash('sha256', value, 'buffer');
  // All are compared, whichever fits.
  return accepted.map(digest => timingSafeEqual(digest, given)).includes(true);
};

const simple = isAuthorized => ({isAuthorized});

// The path after the stage is the viewer's.
const STAGE = /^arn:aws[a-z-]*:execute-api:[a-z\d-]+:\d+:[a-z\d]+\/[\w-]+(?=\/)/;

/** For the whole stage, since API Gateway remembers the answer for all its methods. */
const policy = (isAuthorized, methodArn) => {
  const [stage] = (typeof methodArn === 'string' && STAGE.exec(methodArn)) || [];
  const Effect = isAuthorized && stage ? 'Allow' : 'Deny';
  const Resource = stage ? `${stage}/*` : '*';
  return {
    principalId: 'perimeter',
    policyDocument: {Version: '2012-10-17', Statement: [{Action: 'execute-api:Invoke', Effect, Resource}]},
  };
};
