// .local/environment.json: what set-up found on this machine, for the program and the other scripts.
import { renameSync, writeFileSync } from 'node:fs';
import { local } from '../lib/project.mjs';

export function writeEnvironment({ cli, images }) {
  const content = {
    imagePrefix: images.imagePrefix,
    buildNetwork: images.buildNetwork,
    images: { source: images.source, checked: images.checked },
    pulumi: cli,
  };
  const draft = `${local.environment}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, local.environment);
}
