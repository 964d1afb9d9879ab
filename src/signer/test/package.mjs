// How large the deployed package is: signer.mjs and the generated index.mjs, compressed, with a zip archive's headers.
import {readFileSync} from 'node:fs';
import {deflateRawSync} from 'node:zlib';

export const source = readFileSync(new URL('../signer.mjs', import.meta.url), 'utf8');

export const packedSize = options => {
  const index = `import {createHandler} from './signer.mjs';\nexport const handler = createHandler(${JSON.stringify(options)});\n`;
  const files = [
    ['signer.mjs', source],
    ['index.mjs', index],
  ];
  return files.reduce((size, [name, file]) => size + 76 + 2 * name.length + deflateRawSync(file).length, 22);
};
