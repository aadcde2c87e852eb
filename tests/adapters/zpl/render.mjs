// Renders each label of a file of ZPL into a PNG beside it: what a label printer would print.
import fs from "node:fs";
import { ready } from "zpl-renderer-js";

const { api } = await ready;
for (const path of process.argv.slice(2)) {
  const pictures = await api.zplToBase64MultipleAsync(fs.readFileSync(path, "utf8"), 101.6, 152.4, 8);
  pictures.forEach((each, at) => fs.writeFileSync(`${path}.${at}.png`, Buffer.from(each, "base64")));
}
process.exit(0);
