import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command';
import { pythonImage, root } from './environment';

/** Builds the fixture's image if its files have changed; the tag follows from them. */
export async function fixtureImage(): Promise<string> {
  const service = join(root, 'test', 'behaviour', 'fixture', 'service');
  const hash = createHash('sha256').update(pythonImage());
  for (const file of readdirSync(service).sort()) hash.update(file).update(readFileSync(join(service, file)));
  const image = `behaviour-fixture:${hash.digest('hex').slice(0, 12)}`;
  if ((await command('docker', ['image', 'inspect', image])).code === 0) return image;
  const built = await command('docker', ['build', '--build-arg', `BASE=${pythonImage()}`, '--tag', image, service]);
  if (built.code !== 0) throw new Error(`cannot build the fixture's image:\n${built.output}`);
  return image;
}
