// What a user of connectwise-rest does: pages, asks, creates, patches and meets errors.
import rest from 'connectwise-rest'

const [address] = process.argv.slice(2)
const { ManageAPI } = rest
const api = new ManageAPI({
  companyId: 'northbeam', companyUrl: 'psa.example', publicKey: 'hub-public', privateKey: 'hub-private',
  clientId: '4f1b9d1c-0c5e-4f0c-8f5a-7a1d2b3c4d5e', logger: () => {},
})
// it insists on https; its requests go to the address given
for (const one of [api, ...Object.values(api)]) {
  if (one?.instance) one.instance.defaults.baseURL = one.instance.defaults.baseURL.replace('https://psa.example', address)
}
const told = {}
const all = await api.paginate(api.CompanyAPI.getCompanyCompanies, { startPage: 1, pageSize: 100 }, { orderBy: 'id asc' })
told.companies = new Set(all.map((one) => one.id)).size
told.asked = (await api.ProjectAPI.getProjectProjects({ conditions: 'status/name in ("Open","New") and closedFlag=False', fields: 'id,name', pageSize: 5 })).map((one) => Object.keys(one))[0]
told.count = (await api.CompanyAPI.getCompanyCompaniesCount({ conditions: 'deletedFlag=False' })).count
const made = await api.CompanyAPI.postCompanyContacts({ firstName: 'Lena', lastName: 'Brandt', company: { id: 250 }, communicationItems: [{ type: { id: 1 }, value: 'l@x.example' }] })
told.made = [made.firstName, made.company.identifier, made.communicationItems[0].communicationType]
const patched = await api.CompanyAPI.patchCompanyContactsById(made.id, [{ op: 'replace', path: 'title', value: 'CFO' }])
told.patched = patched.title
try { await api.CompanyAPI.postCompanyContacts({ lastName: 'Nobody' }) } catch (error) { told.bad = error.data.errors[0].code }
try { await api.CompanyAPI.getCompanyContactsById(99999) } catch (error) { told.gone = error.data.code }
console.log(JSON.stringify(told))
