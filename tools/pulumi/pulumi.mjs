#!/usr/bin/env node
// `npx pulumi …`: the Pulumi CLI with what this project adds to its environment (scripts/lib/pulumi.mjs): the state in
// .local/ unless you have a backend of your own, its passphrase, and your docker context. Everything else, stdin, output,
// signals and exit code, is the CLI's own.
import { pulumiMending } from '../../scripts/lib/interrupted.mjs';
import { main } from '../../scripts/lib/report.mjs';

await main(() => pulumiMending(process.argv.slice(2)));
