#!/usr/bin/env node
import { build, checkNode, install, readVersion } from './bootstrap.mjs';

if (['-V', '--version'].includes(process.argv[2])) {
  console.log(readVersion());
} else {
  checkNode();
  install();
  build();
  await import('../dist/cli/main.js');
}
