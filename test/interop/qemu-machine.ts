/**
 * A virtual machine of QEMU with nothing but memory and a network card, which plugs into an attach port and boots from what it finds there.
 *
 * Facts of Debian's ROMs (ipxe-qemu 1.0.0+git-20190125, tried on QEMU 7.2): the ROM is iPXE itself, says so in its first DISCOVER (option 77), and
 * speaks HTTP and TCP with window scale, timestamps and SACK; so no second program has to be loaded by TFTP. It takes the second offer, three seconds
 * after the link is up, and then solicits IPv6 routers for thirteen seconds before it goes on, if none answers. `imgfetch`, `imgstat` and `chain` are
 * there, `poweroff` and `imgverify` are not. What it prints goes to the serial port with `graphics=off`.
 */
import { readFileSync } from 'node:fs';
import { BackgroundProgram } from '../background-program.ts';
import type { Peer } from './peer.ts';

export interface QemuOptions {
  /** Where the attach port waits, with a length of four bytes before each frame. */
  readonly socket: string;
  readonly mac: string;
  /** What the machine prints is written there. */
  readonly serialFile: string;
}

export class QemuMachine {
  readonly #program: BackgroundProgram;
  readonly #serialFile: string;

  private constructor(program: BackgroundProgram, serialFile: string) {
    this.#program = program;
    this.#serialFile = serialFile;
  }

  /** No root and no acceleration is needed: it boots a ROM, not a system. */
  static start(qemu: Peer, { socket, mac, serialFile }: QemuOptions): QemuMachine {
    if (qemu.program === undefined) throw new Error(qemu.missing);
    const program = BackgroundProgram.start(qemu.program, [
      ...['-machine', 'pc,accel=tcg,graphics=off', '-m', '64', '-nodefaults', '-display', 'none', '-monitor', 'none'],
      ...['-serial', `file:${serialFile}`, '-boot', 'n', '-no-reboot'],
      ...['-netdev', `stream,id=n0,server=off,addr.type=unix,addr.path=${socket}`],
      ...['-device', `virtio-net-pci,netdev=n0,mac=${mac}`],
    ]);
    return new QemuMachine(program, serialFile);
  }

  /** What was on its screen, without what moves the cursor. */
  get screen(): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are told by them
    return readFileSync(this.#serialFile, 'utf8').replace(/\x1b\[[0-9;?=]*[A-Za-z]/g, '');
  }

  async stop(): Promise<void> {
    await this.#program.stop('SIGTERM');
  }
}
