/** The top line: what network this is, whether it is alive and in order, and how the page speaks and looks. */
import { connection, topology } from './feed.ts';
import { language, say } from './language.ts';
import { THEMES, theme } from './theme.ts';
import { LANGUAGES } from './words.ts';

const LANGUAGE_NAMES = { en: 'English', zh: '中文' } as const;

export function Header() {
  return (
    <header class="header">
      <h1 class="brand">sluice</h1>
      <NetworkState />
      <ConnectionState />
      <div class="choices">
        <fieldset class="choice">
          <legend class="visually-hidden">{say('app.language')}</legend>
          {LANGUAGES.map((name) => (
            <button
              key={name}
              type="button"
              lang={name === 'zh' ? 'zh-CN' : 'en'}
              aria-pressed={language.value === name}
              onClick={() => {
                language.value = name;
              }}
            >
              {LANGUAGE_NAMES[name]}
            </button>
          ))}
        </fieldset>
        <fieldset class="choice">
          <legend class="visually-hidden">{say('app.theme')}</legend>
          {THEMES.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={theme.value === name}
              onClick={() => {
                theme.value = name;
              }}
            >
              {say(`app.theme.${name}`)}
            </button>
          ))}
        </fieldset>
      </div>
    </header>
  );
}

function NetworkState() {
  const network = topology.value;
  if (!network) return <div class="network" />;
  const { name, switches, hosts, links, isConverged } = network;
  const connected = switches.filter(({ isConnected }) => isConnected).length;
  const linksDown = links.filter(({ isUp }) => !isUp).length;
  return (
    <div class="network">
      <strong class="network-name">{name}</strong>
      <span class="muted">
        {say('network.summary', { connected, switches: switches.length, hosts: hosts.length, links: links.length })}
      </span>
      {linksDown > 0 && <span class="pill attention">{say('network.links-down', { n: linksDown })}</span>}
      {switches.length > 0 && (
        <span class={isConverged ? 'pill good' : 'pill attention'}>
          {say(isConverged ? 'network.converged' : 'network.converging')}
        </span>
      )}
    </div>
  );
}

function ConnectionState() {
  const now = connection.value;
  const seconds = 'seconds' in now ? now.seconds : 0;
  return (
    <span class={`connection ${now.type}`}>
      <span class="dot" aria-hidden="true" />
      {say(`connection.${now.type}`, { seconds })}
    </span>
  );
}
