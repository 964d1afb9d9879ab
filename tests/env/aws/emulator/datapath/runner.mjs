// Runs one function package, as Lambda's Node.js runtime does. Each line on stdin is an invocation, each line on stdout an outcome.
import {existsSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {pathToFileURL} from 'node:url';

const [directory, handlerName] = process.argv.slice(2);
const [file, member] = handlerName.split('.');

// What the function prints must not look like an outcome.
const say = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

const load = async () => {
  const path = ['mjs', 'js', 'cjs'].map(ending => join(directory, `${file}.${ending}`)).find(existsSync);
  if (!path) throw new Error(`Cannot find module '${file}'`);
  const module = await import(pathToFileURL(path));
  const handler = module[member] ?? module.default?.[member];
  if (typeof handler !== 'function') throw new Error(`${handlerName} is undefined or not exported`);
  return handler;
};
const loading = load();
loading.catch(() => {});

const run = async ({id, event, context, environment, timeout}) => {
  const end = Date.now() + timeout * 1000;
  try {
    const handler = await loading;
    // Right before the call: credentials are renewed, and a handler reads them first of all.
    Object.assign(process.env, environment);
    const result = await handler(event, {...context, getRemainingTimeInMillis: () => end - Date.now()});
    return {id, result: result ?? null};
  } catch (error) {
    return {id, error: {name: `${error?.name ?? typeof error}`, message: `${error?.message ?? error}`}};
  }
};

createInterface({input: process.stdin, crlfDelay: Infinity})
  .on('line', async line => say(`${JSON.stringify(await run(JSON.parse(line)))}\n`))
  .on('close', () => {
    rmSync(directory, {recursive: true, force: true});
    process.exit();
  });
