// Runs function packages, as Lambda's Node.js runtime does. Each line on stdin is an invocation, each line on stdout an outcome.
import {existsSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {pathToFileURL} from 'node:url';

// Below it, each package has a folder of its own.
const [root] = process.argv.slice(2);

// What the function prints must not look like an outcome.
const say = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

const load = async (directory, handlerName) => {
  const [file, member] = handlerName.split('.');
  const path = ['mjs', 'js', 'cjs'].map(ending => join(directory, `${file}.${ending}`)).find(existsSync);
  if (!path) throw new Error(`Cannot find module '${file}'`);
  const module = await import(pathToFileURL(path));
  const handler = module[member] ?? module.default?.[member];
  if (typeof handler !== 'function') throw new Error(`${handlerName} is undefined or not exported`);
  return handler;
};
const loading = new Map();
const loaded = (directory, handlerName) => {
  if (!loading.has(directory)) loading.set(directory, load(directory, handlerName));
  return loading.get(directory);
};

const run = async ({id, directory, handler: handlerName, event, context, environment, timeout}) => {
  const end = Date.now() + timeout * 1000;
  try {
    const handler = await loaded(directory, handlerName);
    // Right before the call: credentials are renewed, other packages have others, and a handler reads them first of all.
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
    rmSync(root, {recursive: true, force: true});
    process.exit();
  });
