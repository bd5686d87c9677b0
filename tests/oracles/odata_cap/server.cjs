// A small service of SAP's CAP in memory, by OData version 4 and, through its adapter, version 2; says its port in its last line.
const path = require('node:path')
const express = require('express')
const cds = require('@sap/cds')
const adapter = require('@cap-js-community/odata-v2-adapter')

const env = cds.env
env.requires.auth = { kind: 'mocked', users: { hub: { password: 'good' } } }
env.requires.db = { kind: 'sqlite', impl: '@cap-js/sqlite', driver: 'node', credentials: { url: ':memory:' } }
env.query = { ...env.query, limit: { default: 50, max: 50 } }
env.log.levels = { ...env.log.levels, cds: 'error' }
const app = express()
const listen = app.listen.bind(app)
app.listen = () => listen(0, '127.0.0.1')
cds.on('bootstrap', () => app.use(adapter({ path: '/odata/v2' })))

async function main () {
  const server = await cds.server({ app, service: 'all', from: path.join(__dirname, 'model.cds'), in_memory: true })
  if (!server.listening) await new Promise(resolve => server.once('listening', resolve))
  const url = `http://127.0.0.1:${server.address().port}`
  await cds.emit('listening', { server, url })
  console.log('\n' + JSON.stringify({ url }))
}
main().catch(error => { console.error(error); process.exit(1) })
process.stdin.resume().on('end', () => process.exit(0))
