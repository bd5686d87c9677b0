// Unpacks the browser of @sparticuz/chromium into a folder: the program, the libraries it needs where a machine has few, and fonts.
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const [into] = process.argv.slice(2);
const require = createRequire(join(process.cwd(), "node_modules", "/"));
const { extract } = require("tar-fs");
const packed = join(process.cwd(), "node_modules", "@sparticuz", "chromium", "bin");

for (const name of ["al2023", "swiftshader", "fonts"]) {
  const target = join(into, name === "swiftshader" ? "." : name);
  mkdirSync(target, { recursive: true });
  await pipeline(createReadStream(join(packed, `${name}.tar.br`)), createBrotliDecompress(), extract(target));
}
writeFileSync(join(into, "fonts.conf"), `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir>${join(into, "fonts")}</dir><cachedir>${join(into, "cache")}</cachedir></fontconfig>
`);
const program = join(into, "chromium");
if (!existsSync(program)) {
  await pipeline(createReadStream(join(packed, "chromium.br")), createBrotliDecompress(), createWriteStream(`${program}.part`, { mode: 0o755 }));
  renameSync(`${program}.part`, program);
}
process.stdout.write(program);
