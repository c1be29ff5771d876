// .local/environment.json: what set-up found on this machine, for the program and the other scripts.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { local } from '../lib/project.mjs';

/** @param images what was found out about them; without it, what was known before stays. */
export function writeEnvironment({ cli, images }) {
  const before = existsSync(local.environment) ? JSON.parse(readFileSync(local.environment, 'utf8')) : {};
  const content = {
    ...before,
    ...(images && {
      imagePrefix: images.imagePrefix,
      buildNetwork: images.buildNetwork,
      images: { source: images.source, checked: images.checked },
    }),
    pulumi: cli,
  };
  const draft = `${local.environment}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, local.environment);
}
