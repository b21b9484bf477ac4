/** A link: its ends, its traffic, and the button that cuts or mends its cable. */
import { useState } from 'preact/hooks';
import type { LinkResource, TopologyResource } from '../protocol/api/network-resource.ts';
import { FactList } from './fact-list.tsx';
import { isLive, rates } from './feed.ts';
import { say } from './language.ts';
import { formatEnd } from './network-picture.ts';
import { type Outcome, OutcomeLine } from './outcome-line.tsx';
import { sayBytes, sayFrames } from './rate-text.ts';
import { request } from './rest.ts';
import { formatSelection } from './selection.ts';

interface Props {
  readonly one: LinkResource;
  readonly network: TopologyResource;
}

export function LinkPanel({ one, network }: Props) {
  const rate = rates.value.get(one.name);
  return (
    <>
      <FactList
        facts={[
          [say('inspector.state'), say(one.isUp ? 'state.up' : 'state.down')],
          [
            say('link.ends'),
            <span key="ends">
              <End end={one.a} network={network} /> – <End end={one.b} network={network} />
            </span>,
          ],
          [say('link.frames'), <Measure key="frames" text={sayFrames(rate)} />],
          [say('link.bytes'), <Measure key="bytes" text={sayBytes(rate)} />],
        ]}
      />
      {!one.isDiscovered && one.isUp && <p class="muted">{say('state.undiscovered')}</p>}
      <CableButton one={one} isEmulated={network.isEmulated} />
    </>
  );
}

function End({ end, network }: { readonly end: LinkResource['a']; readonly network: TopologyResource }) {
  const type = network.switches.some(({ dpid }) => dpid === end.node) ? 'switch' : 'host';
  return <a href={formatSelection({ type, id: end.node })}>{formatEnd(network, end)}</a>;
}

function Measure({ text }: { readonly text: string }) {
  return (
    <span class="number-line">
      {text} <span class="muted small">{say('link.both')}</span>
    </span>
  );
}

function CableButton({
  one: { name, isUp },
  isEmulated,
}: {
  readonly one: LinkResource;
  readonly isEmulated: boolean;
}) {
  const [isPending, setPending] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const obstacle = !isEmulated ? say('disabled.not-emulated') : !isLive.value ? say('disabled.not-live') : undefined;

  const change = async () => {
    setPending(true);
    setOutcome(undefined);
    const answer = await request(`/links/${encodeURIComponent(name)}`, { method: 'PATCH', body: { isUp: !isUp } });
    setPending(false);
    // Success needs no words here: the state above changes when the feed says so.
    if (!answer.ok) setOutcome({ isGood: false, words: `${say('link.failed')} ${answer.problem.detail}` });
  };

  return (
    <section>
      <button
        type="button"
        class={isUp ? 'primary' : 'primary mend'}
        disabled={isPending || obstacle !== undefined}
        aria-describedby={obstacle ? 'cable-obstacle' : undefined}
        onClick={change}
      >
        {isPending ? say(isUp ? 'link.cutting' : 'link.mending') : say(isUp ? 'link.cut' : 'link.mend')}
      </button>
      {obstacle && (
        <p id="cable-obstacle" class="muted small">
          {obstacle}
        </p>
      )}
      <OutcomeLine outcome={outcome} />
    </section>
  );
}
