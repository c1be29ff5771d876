// Puts what a GitHub environment gives where the project looks for them.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { commandLine } from '../lib/command.mjs';
import { local, root } from '../lib/project.mjs';
import { UserError, main, say } from '../lib/report.mjs';

/** Each with its file in `.local`, and what it must look like. */
const FILES = {
  INSTALLATION_ID: {
    file: basename(local.installationId),
    form: /^[0-9a-f]{4}$/,
    what: 'the contents of .local/installation-id',
  },
  INSTALLATION_KEY: {
    file: basename(local.installationKey),
    form: /^[\w-]{43}$/,
    what: 'the contents of .local/installation-key',
  },
  KUBECONFIG_FILE: { file: 'kubeconfig', form: /\bclusters\b/, what: 'a kubeconfig' },
};

const COMMAND = {
  name: 'credentials',
  program: 'node scripts/github/credentials.mjs',
  about:
    'Writes what the environment gives into `.local`, readable by its owner only: INSTALLATION_ID, which is part of all names,\n' +
    'INSTALLATION_KEY, from which passwords are derived and which no preview needs, and KUBECONFIG_FILE. Refuses to replace a file\n' +
    'that says something else.',
  options: {
    folder: { type: 'string', value: 'FOLDER', default: root, about: 'A checkout of the project' },
    need: {
      type: 'string',
      multiple: true,
      value: 'NAME',
      default: [],
      about: 'One that must be there, once or more',
    },
  },
};

await main(async () => {
  const { need, folder } = commandLine(COMMAND).values;
  const missing = need.filter((name) => !process.env[name]);
  if (missing.length > 0) {
    throw new UserError(
      `${missing.join(' and ')} must be set`,
      'as a variable or a secret of the GitHub environment: docs/pull-requests.md',
    );
  }
  const place = join(folder, basename(local.folder));
  mkdirSync(place, { recursive: true, mode: 0o700 });
  for (const [name, { file: base, form, what }] of Object.entries(FILES)) {
    const file = join(place, base);
    const value = process.env[name]?.trim();
    if (!value) continue;
    // Without the value: this is a log.
    if (!form.test(value)) throw new UserError(`${name} is not ${what}`);
    if (existsSync(file) && readFileSync(file, 'utf8').trim() !== value) {
      throw new UserError(`${name} differs from the existing file`, `compare it with ${file}`);
    }
    writeFileSync(file, `${value}\n`, { mode: 0o600 });
    chmodSync(file, 0o600);
    say(`${name} is in place.`);
  }
});
