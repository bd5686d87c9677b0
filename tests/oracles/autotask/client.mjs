// What a user of @apigrate/autotask-restapi does: finds the zone, asks, pages, creates, changes, replaces, and meets errors.
import autotask from '@apigrate/autotask-restapi'

const { AutotaskRestApi } = autotask
const [address, user, secret, code] = process.argv.slice(2)
const api = new AutotaskRestApi(user, secret, code, { base_url: `${address}/ATServicesRest/` })
const told = {}
const refused = async (action) => { try { return await action() } catch (error) { return [error.status, error.details?.errors?.[0] ?? error.details] } }

const all = []
for (let last = 0; ;) {
  const page = await api.Companies.query({ filter: [{ op: 'gt', field: 'id', value: last }], IncludeFields: ['id', 'companyName'], MaxRecords: 200 })
  all.push(...page.items)
  if (!page.pageDetails.nextPageUrl) break
  last = page.items.at(-1).id
}
told.companies = all.length
told.fields = Object.keys(all[0])
told.zone = api.zoneInfo.url === `${address}/ATServicesRest/`
told.counted = (await api.Companies.count({ filter: [{ op: 'exist', field: 'id' }] })).queryCount
told.found = (await api.Companies.query({ filter: [{ op: 'or', items: [{ op: 'beginsWith', field: 'companyName', value: 'nordlicht' }, { op: 'eq', field: 'city', value: 'Leeds' }] }] })).items.map((one) => one.companyName)
const company = told.found.length && all.find((one) => one.companyName.startsWith('Nordlicht')).id
told.got = (await api.Companies.get(company)).item.city
told.absent = (await api.Companies.get(99999999)).item
const made = await api.Companies.create({ companyName: 'Oracle & Söhne', companyType: 1, phone: '1', ownerResourceID: 10, userDefinedFields: [{ name: 'Hub id', value: 'js-1' }] })
told.byField = (await api.Companies.query({ filter: [{ op: 'eq', field: 'Hub id', udf: true, value: 'js-1' }] })).items.map((one) => one.id === made.itemId)
await api.Companies.update({ id: made.itemId, city: 'Kiel' })
const changed = (await api.Companies.get(made.itemId)).item
told.changed = [changed.city, changed.phone]
await api.Companies.replace({ id: made.itemId, companyName: 'Oracle', companyType: 1, phone: '2', ownerResourceID: 10 })
told.replaced = (await api.Companies.get(made.itemId)).item.city
const task = await api.Tasks.create(4, { title: 'Cut-over', status: 1 })
await api.Tasks.update(4, { id: task.itemId, title: 'Go-live' })
told.task = (await api.Tasks.get(task.itemId)).item.title
const fields = (await api.Projects.fieldInfo()).fields
told.picks = fields.find((one) => one.name === 'status').picklistValues.map((one) => [one.value, one.label])
told.missing = await refused(() => api.Companies.create({ companyName: 'x', companyType: 1, ownerResourceID: 10 }))
told.forbidden = await refused(() => api.Invoices.create({ companyID: company }))
told.unqueryable = await refused(() => api.Invoices.query({ filter: [{ op: 'gt', field: 'dueDate', value: '2026-01-01' }] }))
told.threshold = (await api.ThresholdInformation.get('')).externalRequestThreshold
const stranger = new AutotaskRestApi(user, 'wrong', code, { base_url: `${address}/ATServicesRest/` })
told.stranger = (await refused(() => stranger.Companies.get(company)))[0]
console.log(JSON.stringify(told))
