#!/usr/bin/env node
// The command line of this checkout: installs and builds what is missing (told on stderr), then runs apps/cli.
process.argv.splice(2, 0, 'gangway');
await import('../scripts/run.mjs');
