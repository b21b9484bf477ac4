/**
 * A form for one more rule. It says "installed" when the server answered 201, which it does after the switch confirmed, and never before;
 * what was refused is said beside the field that the server points at.
 */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { FlowRequest } from '../protocol/api/flow-resource.ts';
import { flowsPath } from './flow-reading.ts';
import { say } from './language.ts';
import { type Outcome, OutcomeLine } from './outcome-line.tsx';
import { type RestProblem, request } from './rest.ts';

interface Props {
  readonly dpid: string;
  readonly tableId: number;
  readonly obstacle: string | undefined;
}

type Field = 'priority' | 'match' | 'actions';

const CREATED = 201;
const PRIORITY_MAX = 0xffff;

/** What the server takes of either text. */
const TEXT_MAX = 4096;
const PRIORITY_DEFAULT = 0x8000;

export function FlowForm({ dpid, tableId, obstacle }: Props) {
  const [values, setValues] = useState({ priority: String(PRIORITY_DEFAULT), match: '', actions: '' });
  const [isPending, setPending] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const [problem, setProblem] = useState<RestProblem>();

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isPending || obstacle !== undefined) return;
    setPending(true);
    setOutcome(undefined);
    setProblem(undefined);
    const body: FlowRequest = {
      match: values.match.trim(),
      actions: values.actions.trim(),
      priority: Number(values.priority),
    };
    const answer = await request(flowsPath(dpid, tableId), { method: 'POST', body });
    setPending(false);
    if (answer.ok && answer.status === CREATED) {
      setOutcome({ isGood: true, words: say('form.installed') });
      setValues((now) => ({ ...now, match: '', actions: '' }));
      return;
    }
    const detail = answer.ok ? say('rest.failed', { status: answer.status }) : answer.problem.detail;
    setOutcome({ isGood: false, words: `${say('form.refused')} ${detail}` });
    if (!answer.ok) setProblem(answer.problem);
  };

  const hintOf = (field: Field) =>
    problem?.errors
      .filter(({ pointer }) => pointer === `/${field}` || pointer.startsWith(`/${field}/`))
      .map(({ hint }) => hint)
      .filter((hint) => hint !== '')
      .join(' ');
  const textField = (field: Field) => ({
    id: `flow-${field}`,
    value: values[field],
    onInput: ({ currentTarget: { value } }: { readonly currentTarget: HTMLInputElement }) =>
      setValues((now) => ({ ...now, [field]: value })),
    'aria-invalid': hintOf(field) ? true : undefined,
    'aria-describedby': `flow-${field}-hint`,
  });

  return (
    <form class="form" onSubmit={submit}>
      <FormField name="match" label={say('form.match')} hint={say('form.match.hint')} mistake={hintOf('match')}>
        <input
          {...textField('match')}
          class="code"
          maxLength={TEXT_MAX}
          placeholder="tcp,nw_dst=10.3.0.10,tp_dst=502"
        />
      </FormField>
      <FormField name="actions" label={say('form.actions')} hint={say('form.actions.hint')} mistake={hintOf('actions')}>
        <input {...textField('actions')} class="code" maxLength={TEXT_MAX} placeholder="output:2" required />
      </FormField>
      <div class="form-row">
        <FormField name="priority" label={say('flows.priority')} hint="" mistake={hintOf('priority')}>
          <input {...textField('priority')} class="number" type="number" min="0" max={PRIORITY_MAX} required />
        </FormField>
        <button type="submit" class="primary" disabled={isPending || obstacle !== undefined}>
          {say(isPending ? 'form.adding' : 'form.add')}
        </button>
      </div>
      {obstacle !== undefined && <p class="muted small">{obstacle}</p>}
      <OutcomeLine outcome={outcome} />
    </form>
  );
}

interface FormFieldProps {
  readonly name: Field;
  readonly label: string;
  readonly hint: string;
  readonly mistake: string | undefined;
  readonly children: ComponentChildren;
}

function FormField({ name, label, hint, mistake, children }: FormFieldProps) {
  return (
    <div class="field">
      <label for={`flow-${name}`}>{label}</label>
      {children}
      <p id={`flow-${name}-hint`} class={mistake ? 'mistake small' : 'muted small'}>
        {mistake || hint}
      </p>
    </div>
  );
}
