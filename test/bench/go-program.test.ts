import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { goArchitecture } from '../../bench/go-program';

const RECIPES = {
  compose: 'github.com/docker/compose/v2/cmd',
  caddy: 'github.com/caddyserver/caddy/v2/cmd/caddy',
};

describe('programs built from Go modules', () => {
  it.each(Object.entries(RECIPES))('%s has a recipe that names its main package', (name, main) => {
    const recipe = readFileSync(join(__dirname, '..', '..', 'bench', name, 'go.mod'), 'utf8');
    expect(recipe).toMatch(new RegExp(`^tool ${main}$`, 'm'));
  });

  it.each([
    ['x86_64', 'amd64'],
    ['aarch64', 'arm64'],
    ['riscv64', 'riscv64'],
  ])('are built on %s for %s', (machine, architecture) => {
    expect(goArchitecture(machine)).toBe(architecture);
  });
});
