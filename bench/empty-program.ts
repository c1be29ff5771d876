import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../test/behaviour/support/environment';
import { Stack } from '../test/behaviour/support/stack';

/** An empty program with the same runtime options, in a project inside the repository so that it finds the same packages. */
export async function emptyProgram(project: string): Promise<{ stack: Stack; remove: () => Promise<void> }> {
  const folder = mkdtempSync(join(root, '.local', `${project}-`));
  writeFileSync(
    join(folder, 'Pulumi.yaml'),
    `name: ${project}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n    nodeargs: --import tsx\nmain: index.ts\n`,
  );
  writeFileSync(
    join(folder, 'index.ts'),
    "import * as pulumi from '@pulumi/pulumi';\nexport const nothing = pulumi.output(1);\n",
  );
  const stack = new Stack(project, 'bench', folder);
  await stack.mustUp();
  const remove = async () => {
    await stack.destroy({ remove: true });
    rmSync(folder, { recursive: true, force: true });
  };
  return { stack, remove };
}
