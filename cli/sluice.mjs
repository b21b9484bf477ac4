#!/usr/bin/env node
import { build, checkNode, install } from './bootstrap.mjs';

checkNode();
install();
build();
await import('../dist/cli/main.js');
