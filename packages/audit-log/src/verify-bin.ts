#!/usr/bin/env node
import { main } from './verify-main.js';

process.exitCode = await main(process.argv.slice(2), process);
