/** A ping from one host to another through the running network, and what came back. */
import { useState } from 'preact/hooks';
import type { PingRequest, PingResource } from '../protocol/api/emulation.ts';
import type { HostResource } from '../protocol/api/network-resource.ts';
import { FactList } from './fact-list.tsx';
import { say } from './language.ts';
import { type Outcome, OutcomeLine } from './outcome-line.tsx';
import { formatCount } from './quantity.ts';
import { request } from './rest.ts';

/** More belongs into a scenario: a person waits for this one. */
const COUNT_MAX = 20;
const COUNT_DEFAULT = 4;

/** A ping a second, and the last one's patience. */
const TIMEOUT_MS = { base: 15_000, each: 2_000 } as const;

interface Props {
  readonly from: HostResource;
  readonly hosts: readonly HostResource[];
  readonly obstacle: string | undefined;
}

export function PingForm({ from, hosts, obstacle }: Props) {
  const others = hosts.filter(({ id, kind }) => id !== from.id && kind !== 'port');
  const [wanted, setWanted] = useState('');
  const [count, setCount] = useState(COUNT_DEFAULT);
  const [isPending, setPending] = useState(false);
  const [result, setResult] = useState<PingResource>();
  const [outcome, setOutcome] = useState<Outcome>();
  const to = others.some(({ name }) => name === wanted) ? wanted : others[0]?.name;

  if (to === undefined) return <p class="muted">{say('ping.nobody')}</p>;

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isPending || obstacle !== undefined) return;
    setPending(true);
    setResult(undefined);
    setOutcome(undefined);
    const body: PingRequest = { from: from.name, to, count };
    const timeoutMs = TIMEOUT_MS.base + TIMEOUT_MS.each * count;
    const answer = await request<PingResource>('/pings', { method: 'POST', body, timeoutMs });
    setPending(false);
    if (answer.ok) setResult(answer.body);
    else setOutcome({ isGood: false, words: `${say('ping.failed')} ${answer.problem.detail}` });
  };

  return (
    <form class="form" onSubmit={submit}>
      <h3>{say('ping.title')}</h3>
      <div class="form-row">
        <div class="field grow">
          <label for="ping-to">{say('ping.to')}</label>
          <select id="ping-to" value={to} onChange={({ currentTarget: { value } }) => setWanted(value)}>
            {others.map(({ id, name, ips }) => (
              <option key={id} value={name}>
                {ips[0] === undefined ? name : `${name} – ${ips[0]}`}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="ping-count">{say('ping.count')}</label>
          <input
            id="ping-count"
            class="narrow number"
            type="number"
            min="1"
            max={COUNT_MAX}
            required
            value={count}
            onInput={({ currentTarget: { valueAsNumber } }) => {
              if (Number.isInteger(valueAsNumber)) setCount(valueAsNumber);
            }}
          />
        </div>
        <button type="submit" class="primary" disabled={isPending || obstacle !== undefined}>
          {say('ping.send')}
        </button>
      </div>
      {obstacle !== undefined && <p class="muted small">{obstacle}</p>}
      {isPending && <p class="muted">{say('ping.sending')}</p>}
      <OutcomeLine outcome={outcome} />
      {result && <PingResult result={result} />}
    </form>
  );
}

function PingResult({ result }: { readonly result: PingResource }) {
  const { from, to, sent, received, duplicates, lossPercent, roundTripMs } = result;
  const milliseconds = (value: number) => value.toFixed(value < 10 ? 2 : 1);
  return (
    <div class={`result ${received === sent ? 'good' : 'bad'}`} role="status">
      <strong>{say('ping.result', { from, to })}</strong>
      <FactList
        facts={[
          [say('ping.sent'), formatCount(sent)],
          [say('ping.received'), formatCount(received)],
          ...(duplicates > 0 ? [[say('ping.duplicates'), formatCount(duplicates)] as const] : []),
          [say('ping.loss'), say('unit.percent', { n: Math.round(lossPercent * 10) / 10 })],
          ...(roundTripMs
            ? (['min', 'median', 'max'] as const).map(
                (which) =>
                  [
                    `${say('ping.round-trip')}, ${say(`ping.${which}`)}`,
                    say('unit.milliseconds', { n: milliseconds(roundTripMs[which]) }),
                  ] as const,
              )
            : []),
        ]}
      />
    </div>
  );
}
