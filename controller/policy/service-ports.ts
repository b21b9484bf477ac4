/** What is too much or nonsense in the services of a policy: ports become rules one by one, since OpenFlow has no ranges. */
import { PORTS_PER_POLICY_MAX, SERVICES_PER_POLICY_MAX } from '../../topologies/policy-checks.ts';
import type { Service } from './policy.ts';

const PORT_LAST = 0xffff;

export function findServiceProblems(services: readonly Service[]): string[] {
  const problems: string[] = [];
  for (const { protocol, ports } of services) {
    if (!ports) continue;
    const { first, last } = ports;
    const hasPorts = protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp';
    if (!hasPorts) problems.push(`services: ${protocol} has no ports`);
    else if (!(first >= 1 && first <= last && last <= PORT_LAST)) {
      problems.push(`services: ${first}-${last} is no range of ports; they go from 1 to ${PORT_LAST}`);
    }
  }
  if (services.length > SERVICES_PER_POLICY_MAX) {
    problems.push(`services: a policy has ${SERVICES_PER_POLICY_MAX} services at most; write several policies`);
  }
  const count = countPorts(services);
  if (count > PORTS_PER_POLICY_MAX) {
    problems.push(
      `services: ${count} ports are more than the ${PORTS_PER_POLICY_MAX} of a policy; leave the ports out, or write several policies`,
    );
  }
  return problems;
}

function countPorts(services: readonly Service[]): number {
  return services.reduce((sum, { ports }) => sum + (ports ? ports.last - ports.first + 1 : 0), 0);
}
