import { Stack } from '../test/behaviour/support/stack';
import { programFolder } from './program-folder';

const PROGRAM = "import * as pulumi from '@pulumi/pulumi';\nexport const nothing = pulumi.output(1);\n";

/** An empty program with the shop's runtime options. */
export async function emptyProgram(project: string): Promise<{ stack: Stack; remove: () => Promise<void> }> {
  const program = programFolder(project, { 'index.ts': PROGRAM });
  const stack = new Stack(project, 'bench', program.folder);
  await stack.mustUp();
  const remove = async () => {
    await stack.destroy({ remove: true });
    program.remove();
  };
  return { stack, remove };
}
