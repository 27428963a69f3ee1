// Packs what the server sends packed: a .br and a .gz beside every text file of dist.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const TEXT = /\.(js|css|svg|json|txt)$/;

function* files(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

const totals = { plain: 0, gz: 0, br: 0 };
for (const path of files(DIST)) {
  if (!TEXT.test(path)) continue;
  const plain = readFileSync(path);
  const gz = gzipSync(plain, { level: 9 });
  const br = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } });
  totals.plain += plain.length;
  // A twin that is no smaller only costs room.
  if (gz.length < plain.length) writeFileSync(`${path}.gz`, gz);
  if (br.length < plain.length) writeFileSync(`${path}.br`, br);
  totals.gz += Math.min(gz.length, plain.length);
  totals.br += Math.min(br.length, plain.length);
}
const kb = (bytes) => `${Math.round(bytes / 1024)} kB`;
process.stdout.write(`dist ${kb(totals.plain)}, gzip ${kb(totals.gz)}, brotli ${kb(totals.br)}\n`);
