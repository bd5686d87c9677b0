// What the vendor's own packages say of its services: entity sets with their keys, and of each element type, length and decimals.
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const { devDependencies } = JSON.parse(readFileSync(join(dirname(new URL(import.meta.url).pathname), 'package.json')))
const require = createRequire(import.meta.url)
const told = {}
for (const name of Object.keys(devDependencies).filter((one) => one.startsWith('@sap/cloud-sdk-vdm-'))) {
  const folder = dirname(require.resolve(`${name}/package.json`))
  const file = readdirSync(folder).find((one) => one.endsWith('-csn.json'))
  for (const [full, one] of Object.entries(JSON.parse(readFileSync(join(folder, file))).definitions)) {
    if (!one.elements) continue
    const elements = Object.fromEntries(Object.entries(one.elements).map(([key, each]) => [key, {
      type: each.type, length: each.length ?? 0, scale: each.scale ?? 0, isKey: !!each.key, target: each.target ?? ''
    }]))
    told[full] = elements
  }
}
console.log(JSON.stringify(told))
