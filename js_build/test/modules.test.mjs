/* The models as `capsule build` writes them: ES modules that a browser loads one by one. */
import { behaves } from "./models.mjs";

await behaves("main.js");
