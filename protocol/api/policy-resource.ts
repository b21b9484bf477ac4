/** Policies as REST tells them: what they say, in the words of policy files, and what became of them. */
import Type, { type Static } from 'typebox';

/** As long as names of policies are, percent-decoded. */
const ID_LENGTH_MAX = 126;

export const PolicyParams = Type.Object({
  id: Type.String({ maxLength: ID_LENGTH_MAX, description: 'The id of a policy.' }),
});
export type PolicyParams = Static<typeof PolicyParams>;

/** Its form is that of files, and what is wrong with it is said by what reads files, so there is no second description of it here. */
export const PolicyBody = Type.Object(
  {},
  {
    additionalProperties: true,
    description:
      'A policy as in a file (topologies/schema/policy.v1.json): { from, to, services, via, avoid, latency, bandwidth, protect, limit, mirror } or { deny: { from, to, services } }. The id may be left out.',
  },
);
export type PolicyBody = Readonly<Record<string, unknown>>;

export const PolicyResource = Type.Object({
  id: Type.String(),
  revision: Type.Integer({ description: 'Of all policies together, at the change that made this one so; its ETag.' }),
  state: Type.Union(
    [Type.Literal('compiling'), Type.Literal('installed'), Type.Literal('degraded'), Type.Literal('failed')],
    {
      description:
        'installed: every switch has confirmed it. degraded: so, and not all that was asked for could be had. failed: it cannot be had, and nothing goes through by it.',
    },
  ),
  reason: Type.Optional(
    Type.String({ description: 'In words, of a degraded or failed one, or one that a switch keeps waiting.' }),
  ),
  policy: PolicyBody,
});
export type PolicyResource = Static<typeof PolicyResource>;

export const PolicyList = Type.Object({
  revision: Type.Integer({ description: 'Grows with each change.' }),
  default: Type.Union([Type.Literal('allow'), Type.Literal('deny')], {
    description: 'What becomes of packets that no policy speaks of.',
  }),
  items: Type.Array(PolicyResource),
});
export type PolicyList = Static<typeof PolicyList>;

export const PolicyDefault = Type.Object(
  { default: Type.Union([Type.Literal('allow'), Type.Literal('deny')]) },
  { additionalProperties: false },
);
export type PolicyDefault = Static<typeof PolicyDefault>;

export const PolicyWriteHeaders = Type.Object({
  'if-match': Type.Optional(
    Type.String({ maxLength: 64, description: 'The ETag that the policy must have; * for any that is there.' }),
  ),
  'if-none-match': Type.Optional(Type.Literal('*', { description: 'There must be no such policy.' })),
});
export type PolicyWriteHeaders = Static<typeof PolicyWriteHeaders>;
