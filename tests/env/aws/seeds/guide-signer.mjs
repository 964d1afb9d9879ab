// The signer of AWS's guide ("Protect APIs with Amazon API Gateway and perimeter protection services"), without the SDK that it bundles.
import {createHash, createHmac} from 'node:crypto';

const hashed = data => createHash('sha256').update(data).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
const entry = (key, value) => [{key, value}];

export const handler = async event => {
  const {request} = event.Records[0].cf;
  const {domainName: host, path} = request.origin.custom;
  const [, , region] = host.split('.');
  const date = new Date().toISOString().replace(/[:-]|\.\d+/g, '');
  const day = date.slice(0, 8);
  const body = hashed(Buffer.from(request.body?.data ?? '', 'base64'));
  const query = [...new URLSearchParams(request.querystring)].map(pair => pair.map(encodeURIComponent).join('=')).sort().join('&');
  const signed = {host, 'x-amz-content-sha256': body, 'x-amz-date': date, 'x-amz-security-token': process.env.AWS_SESSION_TOKEN};
  const names = Object.keys(signed).join(';');
  const lines = Object.entries(signed).map(pair => pair.join(':') + '\n').join('');
  const canonical = [request.method, path + request.uri, query, lines, names, body].join('\n');
  const scope = `${day}/${region}/execute-api/aws4_request`;
  const key = [day, region, 'execute-api', 'aws4_request'].reduce(hmac, `AWS4${process.env.AWS_SECRET_ACCESS_KEY}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hashed(canonical)}`).toString('hex');
  for (const [name, value] of Object.entries(signed)) request.headers[name] = entry(name, value);
  const proof = `AWS4-HMAC-SHA256 Credential=${process.env.AWS_ACCESS_KEY_ID}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  request.headers.authorization = entry('Authorization', proof);
  return request;
};
