// What a clone of the project gets to know about the cluster: its kubeconfig, and the facts that a program needs.
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { local } from '../../lib/project.mjs';
import { clone, CONTEXT, REGISTRY, STABLE_PORTS } from './layout.mjs';

/** The content of .local/cluster.json. Pure. */
export function facts({ kind, kubernetes, nodes, storageClass, kubectl }) {
  return {
    kind,
    kubernetes,
    nodes,
    context: CONTEXT,
    registry: REGISTRY,
    storageClass,
    // Node ports that answer on 127.0.0.1; where the cluster is plain processes every other one does too.
    nodePorts: STABLE_PORTS,
    kubectl,
  };
}

export function writeClone(kubeconfig, content) {
  mkdirSync(local.folder, { recursive: true, mode: 0o700 });
  write(clone.kubeconfig, kubeconfig);
  write(clone.facts, `${JSON.stringify(content, null, 2)}\n`);
}

function write(file, content) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
}
