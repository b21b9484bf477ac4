/** `sluice`: the commands, how they are called, and which exit status a failure has. */
import { Command, CommanderError } from 'commander';
import { addControllerCommand } from './controller.ts';
import { addDecodeCommand } from './decode.ts';
import { addEmulateCommand } from './emulate.ts';
import { EXIT } from './exit.ts';
import { toFailure } from './failure.ts';
import { addLabCommand } from './lab.ts';
import { addTestCommand } from './test.ts';

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

addLabCommand(program);
addControllerCommand(program);
addEmulateCommand(program);
addTestCommand(program);
addDecodeCommand(program);

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
