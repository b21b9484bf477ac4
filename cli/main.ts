/** `sluice`: the commands, how they are called, and which exit status a failure has. */
import { Command, CommanderError } from 'commander';
import { addDecodeCommand } from './decode.ts';
import { EXIT } from './exit.ts';

const program = new Command('sluice')
  .description('A software-defined network you can run, watch and test anywhere Node runs.')
  .exitOverride()
  .showHelpAfterError()
  .configureHelp({ showGlobalOptions: true });

addDecodeCommand(program);

// A reader that has seen enough (`| head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.ok);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else {
    console.error('sluice: this is a bug of ours, please report it with what follows');
    console.error(error);
    process.exitCode = EXIT.bug;
  }
}
