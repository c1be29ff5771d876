// Which base images builds start from: the official ones where an image registry answers, stand-ins where none does.
import { readFileSync } from 'node:fs';
import { local } from '../lib/project.mjs';
import { capture } from '../lib/run.mjs';
import { PREFIX, standInList, standIns } from './stand-ins.mjs';

// Asked of the engine and not of the network: mirrors and proxies are the engine's settings.
const PROBE = 'hello-world:latest';
const PROBE_MS = 20_000;
const HOUR = 3_600_000;
const TRUST_MS = { official: 7 * 24 * HOUR, 'stand-ins': 24 * HOUR };

/** The base images of this machine, for .local/environment.json. */
export async function baseImages(tell, { standInsOnly = process.env.SHOP_STAND_INS === '1', refresh = false } = {}) {
  const known = readBefore();
  const fresh =
    !refresh && known?.source in TRUST_MS && Date.now() - Date.parse(known.checked) < TRUST_MS[known.source];
  const source = standInsOnly ? 'stand-ins' : fresh ? known.source : await probe(tell);
  const checked = fresh && known.source === source ? known.checked : new Date().toISOString();
  if (source === 'official')
    return { result: 'the official ones', images: { source, checked, imagePrefix: '', buildNetwork: '' } };
  const made = await standIns(tell, { refresh });
  return {
    result: `stand-ins, since no image registry answers (${made === 0 ? 'all present' : `${made} made`})`,
    // Build steps reach the package registries the way this machine does.
    images: { source, checked, imagePrefix: PREFIX, buildNetwork: 'host' },
  };
}

async function probe(tell) {
  if (await allPresent()) return 'official';
  tell('asking whether an image registry answers');
  const before = await capture('docker', ['image', 'inspect', PROBE]);
  const { code } = await capture('docker', ['pull', '--quiet', PROBE], { timeout: PROBE_MS });
  if (code === 0 && before.code !== 0) await capture('docker', ['image', 'rm', PROBE]);
  return code === 0 ? 'official' : 'stand-ins';
}

/** On a machine without a network the official images may have been loaded by hand. */
async function allPresent() {
  const names = standInList().map(({ image }) => image);
  return (await capture('docker', ['image', 'inspect', ...names])).code === 0;
}

function readBefore() {
  try {
    return JSON.parse(readFileSync(local.environment, 'utf8')).images;
  } catch {
    return undefined;
  }
}
