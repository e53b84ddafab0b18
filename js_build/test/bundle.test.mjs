/* The models in one minified file, as `capsule build --bundle` writes it. */
import { behaves } from "./models.mjs";

await behaves("bundle.js");
