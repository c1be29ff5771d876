// Runs the unit tests of every service with the tools of this machine: node app/test.mjs [service …]
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const app = fileURLToPath(new URL(".", import.meta.url));

class Skipped extends Error {}

function run(folder, command, ...args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: join(app, folder), encoding: "utf8" });
  if (error) throw new Skipped(`${command} is not installed`);
  return { ok: status === 0, output: stdout + stderr };
}

function must(result) {
  if (!result.ok) throw new Error(result.output);
  return result.output;
}

/** Does the work again only when the file has changed since it was done last. */
function once(folder, file, marker, work) {
  const hash = createHash("sha256").update(readFileSync(join(app, folder, file))).digest("hex");
  const path = join(app, folder, marker);
  if (existsSync(path) && readFileSync(path, "utf8") === hash) return;
  work();
  writeFileSync(path, hash);
}

function sum(output, pattern) {
  return [...output.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
}

function maven(folder, ...args) {
  const { ok, output } = run(folder, "mvn", "--batch-mode", "--no-transfer-progress", ...args, "test");
  // The last of Maven's counts is the one over all classes.
  const [, total = 0, failures = 0, errors = 0] =
    [...output.matchAll(/Tests run: (\d+), Failures: (\d+), Errors: (\d+)/g)].at(-1)?.map(Number) ?? [];
  return { ok, output, failed: failures + errors, passed: total - failures - errors };
}

function javaVersion() {
  const { output } = run(".", "mvn", "--version");
  return Number(output.match(/Java version: (\d+)/)?.[1] ?? 0);
}

const suites = {
  "user-service": () => maven("user-service"),
  "product-service": () => {
    // The images are always built for Java 18; its sources also compile for 17, which suffices to test them.
    const release = javaVersion() < 18 ? ["-Dmaven.compiler.release=17"] : [];
    return maven("product-service", ...release);
  },
  "order-service": () => {
    const folder = "order-service";
    const python = join(app, folder, ".venv/bin/python");
    for (const file of ["requirements.txt", "requirements-test.txt"]) {
      once(folder, file, `.venv/${file}.done`, () => {
        must(run(folder, "python3", "-m", "venv", ".venv"));
        must(run(folder, python, "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", file));
      });
    }
    const { ok, output } = run(folder, python, "-B", "-m", "pytest", "--quiet", "-p", "no:cacheprovider");
    return { ok, output, passed: sum(output, /(\d+) passed/g), failed: sum(output, /(\d+) (?:failed|error)/g) };
  },
  frontend: () => {
    const folder = "frontend";
    once(folder, "package-lock.json", "node_modules/.done", () => must(run(folder, "npm", "ci", "--no-audit", "--no-fund")));
    must(run(folder, "node_modules/.bin/tsc", "--noEmit"));
    const { ok, output } = run(folder, "node_modules/.bin/vitest", "run", "--reporter=json");
    const counts = JSON.parse(output.slice(output.indexOf("{"), output.lastIndexOf("}") + 1));
    return { ok, output, passed: counts.numPassedTests, failed: counts.numFailedTests };
  },
};

const wanted = process.argv.slice(2);
const skipped = [];
let [passed, failed] = [0, 0];
for (const [name, suite] of Object.entries(suites)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const start = performance.now();
  try {
    const result = suite();
    // A suite that breaks before it counts anything has failed, too.
    const broken = result.ok && result.passed > 0 ? result.failed : Math.max(1, result.failed);
    passed += result.passed;
    failed += broken;
    if (broken) console.error(result.output);
    console.log(`${name}: ${result.passed} passed, ${broken} failed (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    if (error instanceof Skipped) {
      skipped.push(`${name} (${error.message})`);
    } else {
      failed += 1;
      console.error(`${name}: ${error.message}`);
    }
  }
}
console.log(`app: ${passed} passed, ${failed} failed${skipped.length ? `, skipped: ${skipped.join(", ")}` : ""}`);
process.exitCode = failed ? 1 : 0;
