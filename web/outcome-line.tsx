/** How something that was asked for turned out, said where it was asked and to screen readers. */

export interface Outcome {
  readonly isGood: boolean;
  readonly words: string;
}

export function OutcomeLine({ outcome }: { readonly outcome: Outcome | undefined }) {
  return (
    <p class={`outcome${outcome ? (outcome.isGood ? ' good' : ' bad') : ''}`} role="status">
      {outcome && (
        <>
          <span aria-hidden="true">{outcome.isGood ? '✓ ' : '! '}</span>
          {outcome.words}
        </>
      )}
    </p>
  );
}
