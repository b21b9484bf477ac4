/** `sluice`: the commands, how they are called, and which exit status a failure has. */
import { Command, CommanderError } from 'commander';
import { EXIT } from './exit.ts';
import { toFailure } from './failure.ts';

type AddCommand = (program: Command) => void;

/** In the order of the help. What a command needs is loaded when it is called: a server's libraries take longer to load than a message takes to decode. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  lab: async () => (await import('./lab.ts')).addLabCommand,
  controller: async () => (await import('./controller.ts')).addControllerCommand,
  emulate: async () => (await import('./emulate.ts')).addEmulateCommand,
  test: async () => (await import('./test.ts')).addTestCommand,
  topo: async () => (await import('./topo.ts')).addTopoCommand,
  decode: async () => (await import('./decode.ts')).addDecodeCommand,
};

const program = new Command('sluice')
  .description('A software-defined network you can run, watch and test anywhere Node runs.')
  // For the help alone: sluice.mjs answers it, before anything is compiled.
  .option('-V, --version', 'show the version')
  .exitOverride()
  // One line, as every error has: whoever wants the help asks for it.
  .configureOutput({
    outputError: (text, write) => write(`${text.trim().replaceAll('\n', ' ')} (--help shows what there is)\n`),
  })
  .configureHelp({ showGlobalOptions: true });

const called = process.argv[2] ?? '';
const loads = Object.hasOwn(COMMANDS, called) ? [COMMANDS[called]!] : Object.values(COMMANDS);
for (const load of loads) (await load())(program);

// A reader that has seen enough (`| head`) is no failure of ours; neither is a disk that is full, but its owner must hear of it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.ok);
  console.error(`standard output cannot be written: ${error.message}`);
  process.exit(EXIT.usage);
});

try {
  await program.parseAsync();
} catch (error) {
  const failure = toFailure(error);
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else if (failure) {
    console.error(failure.message);
    process.exitCode = failure.status;
  } else {
    console.error('sluice: this is a bug of ours, please report it with what follows');
    console.error(error);
    process.exitCode = EXIT.bug;
  }
}
