import { ZhidaError } from '@zhida/core';
import { RECIPIENT_KINDS } from '@zhida/report';
import { addOfficer, openKeyDirectory, removeOfficer } from '@zhida/signing';
import { type Command, Option } from 'commander';
import { CONFIGURATION_VARIABLE, readConfiguration } from '../serve/configuration.js';
import { runServices, type StartService } from '../serve/service.js';
import { startAgency } from '../serve/start-agency.js';
import { startGateway } from '../serve/start-gateway.js';
import { startRelay } from '../serve/start-relay.js';
import { tryAgency, type TryOptions } from './try-agency.js';

interface ConfigOption {
  readonly config?: string;
}

const DETAILS = `
Runs until SIGTERM or SIGINT, then ends what is under way. Logs go to standard output, one JSON object a line, without
anything of a person. /healthz says that the process lives, /readyz that its database can be used.

Exit code: 0; 69, 75 or 78 when it cannot start, by what would help.`;

/** `zhida relay|gateway|up`: the services of a hospital, each or both in one process. */
export function registerRelay(program: Command): void {
  service(program, 'relay', 'run the relay: takes reports durably, delivers until a signed receipt proves it', { relay: startRelay });
}

export function registerGateway(program: Command): void {
  const gateway = service(program, 'gateway', 'run the gateway: takes visits, raises prompts, commits presses', { gateway: startGateway });
  const account = 'the officer’s account in the HIS where it is another than the number: nobody agrees with a decision of their own';
  officers(gateway, { pages: 'the duty desk (/duty)', keys: 'the gateway’s key directory', account });
}

export function registerUp(program: Command): void {
  const both = { relay: startRelay, gateway: startGateway };
  service(program, 'up', 'run relay and gateway of a small hospital in one process, over the embedded database if none is named', both);
}

/** `zhida agency`: the receiver with its inbox pages, who may sign in there, and whether reports would arrive. */
export function registerAgency(program: Command): void {
  const agency = service(program, 'agency', 'run the receiver of an agency, with its inbox pages', { agency: startAgency });
  officers(agency, { pages: 'the inbox pages', keys: 'the agency’s key directory' });
  agency
    .command('try')
    .description('send one invented report of mode test as a relay would, and verify the signed receipt')
    .requiredOption('--keys <directory>', 'the test keys of a trial relay that the agency has pinned')
    .requiredOption('--agency <party>', 'the agency, pinned by those keys')
    .addOption(new Option('--view <kind>', 'what kind of recipient it is').choices(RECIPIENT_KINDS).default('police'))
    .action(async (options: TryOptions) => {
      const { deliveryId, stage } = await tryAgency(options);
      process.stdout.write(`${options.agency} holds ${deliveryId}: its receipt is verified, stage ${stage}\n`);
    });
}

/** What the commands for officers say of themselves; `account` where the same people have accounts in another system. */
interface OfficerTexts {
  readonly pages: string;
  readonly keys: string;
  readonly account?: string;
}

/** `add-officer` and `remove-officer`: who may sign in to the pages of a party. */
function officers(command: Command, { pages, keys: whose, account: whichAccount }: OfficerTexts): void {
  const add = command
    .command('add-officer')
    .description(`let an officer sign in to ${pages}; the code is printed once and kept as a hash`)
    .requiredOption('--keys <directory>', whose)
    .requiredOption('--id <id>', 'the officer’s number')
    .requiredOption('--name <name>', 'the name shown beside acts')
    .action(async ({ keys, ...officer }: { keys: string; id: string; name: string; account?: string }) => {
      await openKeyDirectory(keys);
      const { code } = await addOfficer(keys, officer);
      process.stdout.write(`${code}\n`);
    });
  if (whichAccount !== undefined) add.option('--account <account>', whichAccount);
  command
    .command('remove-officer')
    .description(`let an officer sign in to ${pages} no more; who is signed in is out at once`)
    .requiredOption('--keys <directory>', whose)
    .requiredOption('--id <id>', 'the officer’s number')
    .action(async ({ keys, id }: { keys: string; id: string }) => {
      await openKeyDirectory(keys);
      if (!(await removeOfficer(keys, id))) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'there is no such officer', { at: '--id' });
    });
}

/** `zhida config check`: what is wrong with a configuration, before a service finds out. */
export function registerConfig(program: Command): void {
  program
    .command('config')
    .description('The configuration file of relay, gateway and agency.')
    .command('check')
    .description('say every problem of a configuration by line and path; exit 78 if there is one')
    .argument('<FILE>', 'the configuration (YAML)')
    .action(async (file: string) => {
      const { configuration } = await readConfiguration(file);
      const sections = (['relay', 'gateway', 'agency'] as const).filter((name) => configuration[name] !== undefined);
      process.stdout.write(`${file}: ${sections.length === 0 ? 'no service' : sections.join(', ')}, nothing wrong\n`);
    });
}

function service(program: Command, name: string, summary: string, starts: Readonly<Record<string, StartService>>): Command {
  return program
    .command(name)
    .description(summary)
    .option('--config <file>', `the configuration (YAML); without it the file that ${CONFIGURATION_VARIABLE} names`)
    .addHelpText('after', DETAILS)
    .action(async ({ config }: ConfigOption) => runServices(await readConfiguration(config), starts));
}
