// The files of Pulumi's file backend.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of all files below a folder whose names end in `ending`; none where there is no such folder yet. */
export function filesBelow(folder, ending) {
  try {
    const names = readdirSync(folder, { recursive: true });
    return names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
  } catch {
    return []; // nothing was ever deployed, or locked
  }
}
