/** Ways through the network as REST tells them: which nodes they pass, by which ports and links, and what they cost. */
import Type, { type Static } from 'typebox';

/** Each path beyond the first takes a search for every switch on it. */
const PATHS_MAX = 16;

/** Names of 256 characters, a few dozen of short ones. */
const LIST_LENGTH_MAX = 2048;

export const PathQuery = Type.Object(
  {
    from: Type.String({
      maxLength: 256,
      description: 'A switch by dpid or name, or a host by MAC address, name or IP address.',
    }),
    to: Type.String({ maxLength: 256, description: 'Likewise.' }),
    k: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: PATHS_MAX,
        description: 'How many paths at most, the shortest first; none passes a switch twice. Without it, one.',
      }),
    ),
    disjoint: Type.Optional(
      Type.Union([Type.Literal('links'), Type.Literal('switches')], {
        description:
          'Two paths that share none of these (their end switches aside) and together cost the least; one path when there are no two. Not together with k.',
      }),
    ),
    avoid: Type.Optional(
      Type.String({
        maxLength: LIST_LENGTH_MAX,
        description: 'Switches, and links between switches, that no path may use: names, separated by commas.',
      }),
    ),
    via: Type.Optional(
      Type.String({
        maxLength: LIST_LENGTH_MAX,
        description:
          'Switches to pass in this order, separated by commas. Such a path may pass a switch twice. Not together with k or disjoint.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type PathQuery = Static<typeof PathQuery>;

const PathNode = Type.Object({
  node: Type.String({ description: 'A dpid, or the id of a host.' }),
  inPort: Type.Integer({ description: 'Where the path comes in; 0 at a host, and where it begins.' }),
  outPort: Type.Integer({ description: 'Where the path goes on; 0 at a host, and where it ends.' }),
});

export const PathResource = Type.Object({
  cost: Type.Integer({ description: 'The number of links between switches.' }),
  nodes: Type.Array(PathNode, { description: 'From one end to the other, hosts included when they were asked for.' }),
  links: Type.Array(Type.String(), { description: 'By name: the first joins the first two nodes, and so on.' }),
});
export type PathResource = Static<typeof PathResource>;

export const PathList = Type.Object({
  items: Type.Array(PathResource, { description: 'Empty when no path is known.' }),
  equalPorts: Type.Array(Type.Integer(), {
    description: 'The ports of the first switch by which shortest paths leave it, with nothing avoided.',
  }),
});
export type PathList = Static<typeof PathList>;
