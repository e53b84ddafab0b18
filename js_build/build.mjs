/* Builds what the tests here look at: the core to dist/capsule.js, and types/models.py to dist/app/ with its declarations
 * and a bundle. Python is $CAPSULE_PYTHON, or that of the repository's virtual environment, or python3. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const venv = join(here, "..", ".venv", "bin", "python");
const python = process.env.CAPSULE_PYTHON ?? (existsSync(venv) ? venv : "python3");

function capsule(...args) {
  const done = spawnSync(python, ["-m", "capsule.cli.main", ...args], { cwd: join(here, ".."), stdio: "inherit" });
  if (done.error) throw done.error;
  if (done.status !== 0) process.exit(done.status ?? 1);
}

rmSync(join(here, "dist"), { recursive: true, force: true });
mkdirSync(join(here, "dist"), { recursive: true });
capsule("build", "-o", "js_build/dist");
capsule("build", "js_build/types/models.py", "-o", "js_build/dist/app", "--bundle");
