import type Docker from 'dockerode';
import { LABEL } from '../identity';
import type { DeployedAddresses, DeployedNetwork } from './addresses';

interface Network {
  Name: string;
  Internal: boolean;
  Labels?: Record<string, string> | null;
  IPAM?: { Config?: { Subnet?: string }[] | null } | null;
}

interface Container {
  Names: string[];
  NetworkSettings?: { Networks?: Record<string, { IPAMConfig?: { IPv4Address?: string } | null }> };
}

/** Reads which networks and addresses an engine has given out, to an application and to others. */
export async function deployedAddresses(docker: Docker, prefix: string): Promise<DeployedAddresses> {
  const [all, proxies] = await Promise.all([
    docker.listNetworks() as unknown as Promise<Network[]>,
    docker.listContainers({
      all: true,
      filters: { label: [`${LABEL.partOf}=${prefix}`] },
    }) as unknown as Promise<Container[]>,
  ]);
  const networks = new Map<string, DeployedNetwork>();
  const foreign: string[] = [];
  for (const { Name, Internal, Labels, IPAM } of all) {
    const given = (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []);
    if (Labels?.[LABEL.partOf] === prefix && given[0] !== undefined)
      networks.set(Name, { subnet: given[0], internal: Internal });
    else foreign.push(...given);
  }
  return { networks, foreign, proxies: fixedAddresses(proxies), attached: attachedNetworks(proxies) };
}

function attachedNetworks(containers: readonly Container[]): Map<string, Set<string>> {
  return new Map(
    containers.flatMap(({ Names: [name], NetworkSettings }) =>
      name === undefined
        ? []
        : [[name.replace(/^\//, ''), new Set(Object.keys(NetworkSettings?.Networks ?? {}))] as const],
    ),
  );
}

/** Only proxies have fixed addresses; the engine chooses those of replicas. */
function fixedAddresses(containers: readonly Container[]): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const { Names, NetworkSettings } of containers) {
    for (const [network, { IPAMConfig }] of Object.entries(NetworkSettings?.Networks ?? {})) {
      if (!IPAMConfig?.IPv4Address || Names[0] === undefined) continue;
      const addresses = found.get(network) ?? new Map<string, string>();
      found.set(network, addresses.set(Names[0].replace(/^\//, ''), IPAMConfig.IPv4Address));
    }
  }
  return found;
}
