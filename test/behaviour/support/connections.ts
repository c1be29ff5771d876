import type { Ended } from './target';

const PROGRAM = `
import json, os, socket, sys
from concurrent.futures import ThreadPoolExecutor
# A name that leads nowhere must not hold the whole up.
os.environ["RES_OPTIONS"] = "timeout:2 attempts:1"
def attempt(target):
    try:
        socket.create_connection((target["host"], target["port"]), 1.5).close()
        return target["label"]
    except OSError:
        return None
with ThreadPoolExecutor(64) as pool:
    print(json.dumps([label for label in pool.map(attempt, json.loads(sys.argv[1])) if label]))
`;

/** A program that tries the connections that its argument lists as JSON, and prints the labels of those that worked. */
export const CONNECT = ['python3', '-c', PROGRAM];

/** @throws Error when the program itself failed: that nothing connects must not look like isolation. */
export function labelsOf({ code, output }: Ended): string[] {
  if (code !== 0) throw new Error(output);
  return JSON.parse(output) as string[];
}
