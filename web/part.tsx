/** A part of the page that may fail without the rest: what it was, and a way to show it again. */
import type { ComponentChildren } from 'preact';
import { useErrorBoundary } from 'preact/hooks';
import { say } from './language.ts';

export function Part({ children }: { readonly children: ComponentChildren }) {
  const [error, reset] = useErrorBoundary((reason) => console.error(reason));
  if (error === undefined) return <>{children}</>;
  return (
    <section class="panel failed" role="alert">
      <p>{say('app.part-failed', { reason: error instanceof Error ? error.message : String(error) })}</p>
      <button type="button" onClick={reset}>
        {say('app.part-retry')}
      </button>
    </section>
  );
}
