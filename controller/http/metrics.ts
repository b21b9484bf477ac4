/**
 * Measurements for Prometheus, in a registry of their own: gauges are read when they are asked for, so nothing is kept twice.
 *
 * Labels are bounded by what this program is (routes, statuses) or by how many switches may be connected; never by what a client brings, and what a
 * switch did is forgotten when it goes.
 */
import { Counter, Gauge, Registry } from 'prom-client';
import { toPortKey } from '../network/network.ts';
import type { NetworkWatch } from '../network-watch.ts';
import { DRIFT_KINDS } from '../push/drift-watch.ts';
import type { Rim } from '../rim.ts';
import { RULE_OWNERS } from '../rule.ts';
import { FAULTS } from '../southbound/fault-count.ts';

const SECOND_NS = 1_000_000_000;

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Counter<'route' | 'status'>;

  constructor(rim: Rim, watch: NetworkWatch) {
    const registers = [this.#registry];
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        name: `sluice_${name}`,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    gauge('switches', 'Switches that are connected.', () => rim.act((controller) => controller.switches().length));
    gauge('hosts', 'Hosts that were seen.', () => watch.topology().hosts.filter(({ isSeen }) => isSeen).length);
    gauge('links', 'Links that are up.', () => watch.topology().links.filter(({ isUp }) => isUp).length);
    gauge('rules_installed', 'Rules that switches have confirmed.', () =>
      rim.act((controller) => controller.switches().reduce((sum, { installed }) => sum + installed.size, 0)),
    );
    new Counter({
      name: 'sluice_packet_ins_total',
      help: 'Frames that switches sent to the controller.',
      registers,
      collect() {
        this.reset();
        this.inc(rim.act((controller) => controller.packetIns));
      },
    });
    new Counter({
      name: 'sluice_switch_packet_ins_total',
      help: 'Frames that a switch sent to the controller since it connected, dropped ones among them.',
      labelNames: ['dpid'],
      registers,
      collect() {
        this.reset();
        for (const { dpid, link } of rim.act((controller) => controller.switches())) this.inc({ dpid }, link.packetIns);
      },
    });
    new Counter({
      name: 'sluice_switch_faults_total',
      help: 'What a switch did against the protocol or beyond its budget since it connected.',
      labelNames: ['dpid', 'fault'],
      registers,
      collect() {
        this.reset();
        for (const { dpid, link } of rim.act((controller) => controller.switches())) {
          for (const fault of FAULTS) if (link.faults.of(fault) > 0) this.inc({ dpid, fault }, link.faults.of(fault));
        }
      },
    });
    const events = new Counter({
      name: 'sluice_events_total',
      help: 'What happened in the network, by kind; of what a stranger can cause at will, as much as was told.',
      labelNames: ['type'],
      registers,
    });
    rim.onEvent(({ type }) => events.inc({ type }));
    new Gauge({
      name: 'sluice_link_latency_seconds',
      help: 'What a link takes, one way, by link probes.',
      labelNames: ['a', 'b'],
      registers,
      collect() {
        this.reset();
        rim.act(({ network }) =>
          network.graph.forEachEdge((_, { a, b, latencyNs }) => {
            if (b && latencyNs !== undefined) this.set({ a: toPortKey(a), b: toPortKey(b) }, latencyNs / SECOND_NS);
          }),
        );
      },
    });
    new Gauge({
      name: 'sluice_switch_round_trip_seconds',
      help: "What a question to a switch and its answer take, by echoes on the switch's control channel.",
      labelNames: ['dpid'],
      registers,
      collect() {
        this.reset();
        for (const { dpid, channel } of rim.act((controller) => controller.switches())) {
          if (channel.roundTrip !== undefined) this.set({ dpid }, channel.roundTrip / SECOND_NS);
        }
      },
    });
    new Counter({
      name: 'sluice_drift_total',
      help: 'What switches were found to have that differs from what they confirmed.',
      labelNames: ['owner', 'what'],
      registers,
      collect() {
        this.reset();
        for (const owner of RULE_OWNERS) {
          for (const what of DRIFT_KINDS) {
            const count = rim.act((controller) => controller.driftCount(owner, what));
            if (count > 0) this.inc({ owner, what }, count);
          }
        }
      },
    });
    this.#requests = new Counter({
      name: 'sluice_http_requests_total',
      help: 'Requests that were answered.',
      labelNames: ['route', 'status'],
      registers,
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  countRequest(route: string, status: number): void {
    this.#requests.inc({ route, status });
  }

  format(): Promise<string> {
    return this.#registry.metrics();
  }
}
