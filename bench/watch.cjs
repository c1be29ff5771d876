// Loaded with --require into a Pulumi program: writes its peak memory and the @pulumi packages it loaded when it ends.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

process.on('exit', () => {
  const packages = new Set();
  for (const file of Object.keys(require.cache)) {
    const name = /node_modules\/(@pulumi\/[^/]+)\//.exec(file)?.[1];
    if (name) packages.add(name);
  }
  const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
  writeFileSync(
    join(process.env.BENCH_WATCH, `${process.pid}.json`),
    JSON.stringify({ peakMiB, packages: [...packages].sort() }),
  );
});
