// Why a stack cannot be rendered.
import { isAbsolute, relative } from 'node:path';
import * as pulumi from '@pulumi/pulumi';

const FRAME = /^\s+at (?:.* \()?(?:file:\/\/)?(\/[^()]+):(\d+):\d+\)?$/;
/** Of the plan itself, and of packages: no place where somebody would look for the fault. */
const ELSEWHERE = /^(?:node_modules|scripts|test)\//;

/**
 * The message of an error and, unless it was made for whoever reads it, the line of the checkout that it comes from.
 *
 * @param root folder of the checkout, which is no part of the answer.
 */
export function failure(error: unknown, root: string): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack = '' } = error;
  if (pulumi.RunError.isInstance(error)) return message;
  const [place] = stack.split('\n').flatMap((line) => placeOf(line, root));
  return [name === 'Error' ? message : `${name}: ${message}`, ...(place === undefined ? [] : [`  at ${place}`])].join(
    '\n',
  );
}

function placeOf(line: string, root: string): string[] {
  const [, file, row] = FRAME.exec(line) ?? [];
  if (file === undefined) return [];
  const inside = relative(root, file);
  return inside.startsWith('..') || isAbsolute(inside) || ELSEWHERE.test(inside) ? [] : [`${inside}:${row}`];
}
