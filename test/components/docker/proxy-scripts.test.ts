import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APPLY, CARRY, LISTENING, LOOK, TRANSIT } from '../../../components/docker/proxy-scripts';
import { haproxyConfiguration } from '../../../components/haproxy/configuration';
import { withBackend } from '../../support/proxies';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'scripts-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function shell(script: string, files: Record<string, string>, input = ''): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const { status, stdout, stderr } = spawnSync('sh', ['-euc', script], { cwd: folder, input, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

it.each(Object.entries({ APPLY, LOOK, TRANSIT }))('%s is a valid script', (_, script) => {
  const { status, stderr } = spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

describe('the state of servers', () => {
  const HEADER =
    '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight a b c d e f g';
  const server = (name: string, port = 8080, up = 2) =>
    `4 ${name} 1 replica-1 10.0.0.9 ${up} 0 1 1 7 15 3 4 6 0 0 0 - ${port} -`;
  const state = (...lines: string[]) => ['1', HEADER, ...lines, ''].join('\n');
  const backends = (places: Record<string, string>) =>
    Object.entries(places)
      .map(([name, place]) => `backend ${name}\n  server-template replica- 32 ${place} check\n`)
      .join('\n');
  const carried = (old: Record<string, string>, next: Record<string, string>, renames: string, ...lines: string[]) =>
    shell(`${CARRY}\ncarry old new renames`, { old: backends(old), new: backends(next), renames }, state(...lines));

  it('is carried as it is where nothing changes', () =>
    expect(carried({ api: 'a:80', web: 'w:80' }, { api: 'a:80', web: 'w:80' }, '', server('api'), server('web'))).toBe(
      state(server('api'), server('web')),
    ));

  it('has the replicas that are up in the first slots, then those that are known, each with all that is known of it', () => {
    const slot = (id: number, address: string, up: number, rest: string) =>
      `4 api ${id} replica-${id} ${address} ${up} 0 1 1 ${rest}`;
    const free = (id: number) => slot(id, '-', 0, '7 15 3 4 6 0 0 0 - 8080 -');
    const before = [
      free(1),
      slot(2, '10.0.0.8', 0, '9 8 2 0 6 0 0 0 - 8080 -'),
      slot(3, '10.0.0.9', 2, '7 15 3 4 6 0 0 0 - 8080 -'),
      free(4),
      slot(5, '10.0.0.7', 2, '1 15 3 4 6 0 0 0 - 8080 -'),
    ];
    expect(carried({ web: 'w:80', api: 'a:80' }, { web: 'w:80', api: 'a:80' }, '', ...before, server('web'))).toBe(
      state(
        slot(1, '10.0.0.9', 2, '7 15 3 4 6 0 0 0 - 8080 -'),
        slot(2, '10.0.0.7', 2, '1 15 3 4 6 0 0 0 - 8080 -'),
        slot(3, '10.0.0.8', 0, '9 8 2 0 6 0 0 0 - 8080 -'),
        free(4),
        free(5),
        server('web'),
      ),
    );
  });

  it('is left out where the port changes, which it would override', () =>
    expect(carried({ api: 'a:80', web: 'w:80' }, { api: 'a:81', web: 'w:80' }, '', server('api'), server('web'))).toBe(
      state(server('web')),
    ));

  it('is left out of a section that is no more', () =>
    expect(
      carried({ api: 'a:81', 'api.previous': 'a:80' }, { api: 'a:81' }, '', server('api'), server('api.previous')),
    ).toBe(state(server('api'))));

  it('goes along with a definition that gets another name, and its own is new', () =>
    expect(carried({ api: 'a:80' }, { api: 'a:81', 'api.previous': 'a:80' }, 'api api.previous\n', server('api'))).toBe(
      state(server('api.previous')),
    ));

  it('goes along when the check alone changes: the new section begins without', () =>
    expect(carried({ api: 'a:80' }, { api: 'a:80', 'api.previous': 'a:80' }, 'api api.previous\n', server('api'))).toBe(
      state(server('api.previous')),
    ));

  it('comes back, and takes the place of the one that is withdrawn', () =>
    expect(
      carried(
        { api: 'a:80', 'api.previous': 'a:80' },
        { api: 'a:80' },
        'api.previous api\n',
        server('api', 81, 0),
        server('api.previous'),
      ),
    ).toBe(state(server('api'))));

  it('is exchanged between two names', () =>
    expect(
      carried(
        { api: 'a:81', 'api.previous': 'a:80' },
        { api: 'a:80', 'api.previous': 'a:81' },
        'api api.previous\napi.previous api\n',
        server('api', 81),
        server('api.previous', 80),
      ),
    ).toBe(state(server('api.previous', 81), server('api', 80))));

  it('of a first configuration is none', () =>
    expect(shell(`${CARRY}\ncarry old new renames`, { old: '', new: backends({ api: 'a:80' }), renames: '' }, '')).toBe(
      '',
    ));
});

describe('addresses besides its own', () => {
  const configuration = haproxyConfiguration(withBackend({}));
  const listening = (kept: string) => shell(`${LISTENING}\nlistening rules kept`, { rules: configuration, kept });
  const bindsOf = (text: string) => [...text.matchAll(/^ +bind (.*)$/gm)].map(([, address]) => address);

  it('none leave a configuration as it is', () => expect(listening('')).toBe(configuration));

  it('are added to their frontend', () =>
    expect(bindsOf(listening('api 10.70.0.5:8079\napi 10.70.0.5:8078\n'))).toEqual([
      '10.70.0.5:8079',
      '10.70.0.5:8078',
      '10.70.0.5:8080',
    ]));

  it('are not added twice, nor to another frontend', () =>
    expect(bindsOf(listening('api 10.70.0.5:8080\nweb 10.70.0.5:1\n'))).toEqual(['10.70.0.5:8080']));
});
