/** The network over REST: what is there, what happened, and, where it is emulated, cables to cut and hosts to ping from. */
import type { FastifyInstance } from 'fastify';
import { type Emulation, LinkChange, PingRequest, PingResource } from '../../protocol/api/emulation.ts';
import { EventList } from '../../protocol/api/feed.ts';
import {
  HostList,
  LinkList,
  LinkParams,
  LinkResource,
  SwitchList,
  SwitchParams,
  SwitchResource,
  TopologyResource,
} from '../../protocol/api/network-resource.ts';
import type { NetworkWatch } from '../network-watch.ts';
import type { Rim } from '../rim.ts';
import { ProblemError } from './problem-reply.ts';
import { answers } from './route-schema.ts';

export function addNetworkRoutes(app: FastifyInstance, rim: Rim, watch: NetworkWatch): void {
  const describe = (summary: string, schema: object) => ({ schema: { summary, response: answers({ 200: schema }) } });

  app.get('/api/v1/topology', describe('The whole network', TopologyResource), async () => watch.topology());
  app.get('/api/v1/switches', describe('All switches', SwitchList), async () => ({ items: watch.topology().switches }));
  app.get('/api/v1/hosts', describe('All hosts', HostList), async () => ({ items: watch.topology().hosts }));
  app.get('/api/v1/links', describe('All links', LinkList), async () => ({ items: watch.topology().links }));
  app.get('/api/v1/events', describe('The last thousand events, oldest first', EventList), async () => ({
    items: watch.events,
  }));

  app.get<{ Params: SwitchParams }>(
    '/api/v1/switches/:dpid',
    { schema: { summary: 'One switch', params: SwitchParams, response: answers({ 200: SwitchResource }) } },
    async ({ params: { dpid } }) => {
      const found = watch.topology().switches.find((candidate) => candidate.dpid === dpid);
      if (!found) throw new ProblemError('unknown-switch', { dpid });
      return found;
    },
  );

  app.patch<{ Params: LinkParams; Body: LinkChange }>(
    '/api/v1/links/:name',
    {
      schema: {
        summary: 'Cut an emulated cable, or mend it',
        params: LinkParams,
        body: LinkChange,
        response: answers({ 200: LinkResource }),
      },
    },
    async ({ params: { name }, body: { isUp } }) => {
      if (!requireEmulation(rim).setLinkUp(name, isUp)) throw new ProblemError('unknown-link', { name });
      const link = watch.topology().links.find((candidate) => candidate.name === name);
      if (!link) throw new ProblemError('unknown-link', { name });
      return link;
    },
  );

  app.post<{ Body: PingRequest }>(
    '/api/v1/pings',
    {
      schema: {
        summary: 'Ping from one emulated host to another',
        body: PingRequest,
        response: answers({ 200: PingResource }),
      },
    },
    ({ body }) => {
      const emulation = requireEmulation(rim);
      const { from, to } = body;
      if (from === to) {
        const keyword = `to = from = ${to}`;
        throw new ProblemError('invalid-request', {}, [{ pointer: '/to', code: 'wrong-value', params: { keyword } }]);
      }
      const bare = emulation.hosts().find(({ name, kind }) => kind === 'port' && (name === from || name === to));
      if (bare) throw new ProblemError('bare-port', { name: bare.name });
      // Who has no address cannot be answered: for the sentence it is the one that is looked for.
      const lacksAddress = emulation.hosts().some(({ name, ip }) => name === from && ip === '');
      if (lacksAddress) throw new ProblemError('unknown-host', { from: to, to: from });
      return new Promise<PingResource>((resolve, reject) => {
        if (emulation.ping(body, resolve)) return;
        reject(new ProblemError('unknown-host', { from, to }));
      });
    },
  );
}

function requireEmulation({ emulation }: Rim): Emulation {
  if (!emulation) throw new ProblemError('no-emulation');
  return emulation;
}
