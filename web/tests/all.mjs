// Everything that needs the built pages and a browser: the flows, then a look at every page.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
if (!existsSync(here('../dist/index.html'))) {
  process.stderr.write('web/dist is missing: run npm run build first\n');
  process.exit(1);
}
let failed = 0;
for (const name of ['flow.mjs', 'look.mjs']) {
  failed += spawnSync(process.execPath, [here(name)], { stdio: 'inherit' }).status === 0 ? 0 : 1;
}
process.exit(failed);
