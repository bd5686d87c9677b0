// What a user of dynamics-web-api does: pages, tracks changes, creates, updates with a tag, upserts, batches, and meets errors.
import { DynamicsWebApi } from 'dynamics-web-api'

const [address, token] = process.argv.slice(2)
const api = new DynamicsWebApi({ serverUrl: address, dataApi: { version: '9.2' }, onTokenRefresh: async () => token })
const told = {}
told.me = (await api.callFunction('WhoAmI')).UserId.length
const all = await api.retrieveAll({ collection: 'accounts', select: ['name'], maxPageSize: 100 })
told.all = all.value.length
const tracked = await api.retrieveAll({ collection: 'accounts', select: ['name'], trackChanges: true, maxPageSize: 100 })
told.tracked = [tracked.value.length, /deltatoken/.test(tracked.oDataDeltaLink)]
const made = await api.create({ collection: 'accounts', data: { name: 'By node', address1_country: 'Germany' }, returnRepresentation: true })
told.made = [made.name, /^W\/"\d+"$/.test(made['@odata.etag'])]
const changed = await api.update({ collection: 'accounts', key: made.accountid, data: { telephone1: '1' }, returnRepresentation: true, ifmatch: made['@odata.etag'] })
told.changed = changed.telephone1
told.stale = await api.update({ collection: 'accounts', key: made.accountid, data: { telephone1: '2' }, ifmatch: made['@odata.etag'], returnRepresentation: true })
await api.upsert({ collection: 'accounts', key: "accountnumber='N-1'", data: { name: 'Upserted' } })
told.upserted = (await api.retrieve({ collection: 'accounts', key: "accountnumber='N-1'", select: ['name'] })).name
told.only_new = await api.upsert({ collection: 'accounts', key: "accountnumber='N-1'", data: { name: 'No' }, ifnonematch: '*', returnRepresentation: true })
const seen = await api.retrieveMultiple({ collection: 'opportunities', select: ['name', 'estimatedvalue', '_customerid_value'], filter: "estimatedvalue gt 1000 and statecode eq 0", includeAnnotations: '*', top: 1, orderBy: ['name desc'] })
const deal = seen.value[0]
told.deal = [deal.estimatedvalue, deal['_customerid_value@OData.Community.Display.V1.FormattedValue'] !== undefined, deal['_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname']]
told.expanded = (await api.retrieve({ collection: 'accounts', key: made.accountid, select: ['name'], expand: [{ property: 'transactioncurrencyid' }] })).transactioncurrencyid
told.count = await api.count({ collection: 'accounts', filter: "name eq 'By node'" })
api.startBatch()
api.create({ collection: 'contacts', data: { lastname: 'Batch', 'parentcustomerid_account@odata.bind': `/accounts(${made.accountid})` } })
api.retrieveMultiple({ collection: 'accounts', select: ['name'], top: 2 })
const answers = await api.executeBatch()
told.batch = [String(answers[0]).length, answers[1].value.length]
told.errors = {}
for (const [name, call] of Object.entries({
  missing: () => api.retrieve({ collection: 'accounts', key: '7d577253-3ef0-4a0a-bb7f-8335c2596e70', select: ['name'] }),
  long: () => api.create({ collection: 'accounts', data: { name: 'x'.repeat(161) } }),
  bind: () => api.create({ collection: 'contacts', data: { lastname: 'x', 'parentcustomerid@odata.bind': `/accounts(${made.accountid})` } })
})) { try { await call(); told.errors[name] = 'none' } catch (error) { told.errors[name] = [error.status, error.code] } }
told.attributes = (await api.retrieveAttributes({ entityKey: "LogicalName='account'", select: ['LogicalName'] })).value.some((one) => one.LogicalName === 'parentaccountid')
await api.deleteRecord({ collection: 'accounts', key: made.accountid })
const later = await api.retrieveMultiple({ collection: 'accounts' }, tracked.oDataDeltaLink)
told.later = [later.value.filter((one) => one.reason === 'deleted').length, later.value.some((one) => one.name === 'Upserted')]
console.log(JSON.stringify(told))
