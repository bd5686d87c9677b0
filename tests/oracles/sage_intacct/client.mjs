// What a user of the vendor's own SDK does: signs in, queries by both functions, reads on with a cursor, batches, creates documents, and meets errors.
import util from 'node:util'
import IA from '@intacct/intacct-sdk'
import Endpoint from '@intacct/intacct-sdk/dist/Credentials/Endpoint.js'

// helpers that Node has dropped since the SDK was written
Object.assign(util, { isArray: Array.isArray, isNullOrUndefined: (one) => one === null || one === undefined })
const [address, login] = process.argv.slice(2)
const { sender_id, sender_password, company_id, user_id, user_password } = JSON.parse(login)
Endpoint.default.DOMAIN_NAME = '0.0.1' // it takes addresses of the vendor only; ours ends so
const config = () => Object.assign(new IA.ClientConfig(), {
  endpointUrl: `${address}/ia/xml/xmlgw.phtml`, senderId: sender_id, senderPassword: sender_password, companyId: company_id, userId: user_id, userPassword: user_password,
})
const F = IA.Functions
const told = {}
const session = await IA.SessionProvider.factory(config())
told.session = [session.sessionId.startsWith('session-'), session.endpointUrl === `${address}/ia/xml/xmlgw.phtml`, session.sessionTimeout > session.sessionTimestamp]
const client = new IA.OnlineClient(session)

const first = new F.Common.ReadByQuery()
Object.assign(first, { objectName: 'CUSTOMER', pageSize: 100, fields: ['RECORDNO', 'CUSTOMERID', 'NAME'] })
let result = (await client.execute(first)).getResult()
const total = result.totalCount
const found = [...result.data]
while (result.numRemaining > 0) {
  const more = new F.Common.ReadMore()
  more.resultId = result.resultId
  result = (await client.execute(more)).getResult()
  found.push(...result.data)
}
told.cursor = [total, found.length, new Set(found.map((one) => one.RECORDNO)).size]

const { Query, QueryFilter, QueryOrderBy, QuerySelect } = F.Common.NewQuery
const query = new Query()
query.fromObject = 'PROJECT'
query.selectFields = [new QuerySelect.Field('PROJECTID'), new QuerySelect.Field('CUSTOMERID')]
query.filter = new QueryFilter.AndOperator([new QueryFilter.Filter('PROJECTSTATUS').equalTo('In Progress'), new QueryFilter.Filter('PROJECTID').in(['NL-ERP', 'AW-MES', 'NL-DWH'])])
query.orderBy = [new QueryOrderBy.OrderDescending('PROJECTID')]
query.pageSize = 2
told.query = (await client.execute(query)).getResult().data.map((one) => one.PROJECTID)

const read = new F.Common.Read()
Object.assign(read, { objectName: 'CUSTOMER', keys: [Number(found[0].RECORDNO)] })
told.read = (await client.execute(read)).getResult().data[0].DISPLAYCONTACT.MAILADDRESS.CITY

const customer = new F.AccountsReceivable.CustomerCreate('made-1')
Object.assign(customer, { customerId: 'C-NODE', customerName: 'Node & Söhne', active: true, printAs: 'Node & Söhne', city: 'Köln' })
told.created = (await client.execute(customer)).getResult().data[0].CUSTOMERID

const invoice = new F.AccountsReceivable.InvoiceCreate('made-2')
Object.assign(invoice, { customerId: 'C-NODE', transactionDate: new Date(2026, 2, 1), dueDate: new Date(2026, 2, 31), paymentTerm: 'Net 30', action: 'Submit', invoiceNumber: 'NODE-1' })
const line = new F.AccountsReceivable.InvoiceLineCreate()
Object.assign(line, { glAccountNumber: '4000', transactionAmount: 12.5, projectId: 'NL-ERP' })
invoice.lines = [line]
told.invoice = /^\d+$/.test((await client.execute(invoice)).getResult().key)

const task = new F.Projects.TaskCreate('made-3')
Object.assign(task, { taskName: 'Tests', projectId: 'NL-ERP', taskStatus: 'Planned' })
const again = new F.AccountsReceivable.CustomerCreate('made-4')
Object.assign(again, { customerId: 'C-NODE', customerName: 'Taken' })
const batch = await client.executeBatch([task, again])
told.batch = batch.results.map((one) => one.status)
const all = Object.assign(new IA.RequestConfig(), { transaction: true })
const other = new F.Projects.TaskCreate('made-5')
Object.assign(other, { taskName: 'Rolled back', projectId: 'NL-ERP', taskStatus: 'Planned' })
try { await client.executeBatch([other, again], all) } catch (error) { told.rolled_back = [error.constructor.name, error.message.includes('BL34000061')] }
const unique = Object.assign(new IA.RequestConfig(), { uniqueId: true })
const once = new F.Projects.TaskCreate('made-6')
Object.assign(once, { taskName: 'Once', projectId: 'NL-ERP', taskStatus: 'Planned' })
await client.execute(once, unique)
try { await client.execute(once, unique) } catch (error) { told.once = error.constructor.name }
try { await client.execute(again) } catch (error) { told.taken = error.errors.some((one) => one.includes('already exists')) }
try { await IA.SessionProvider.factory(Object.assign(config(), { userPassword: 'x' })) } catch (error) { told.bad_user = error.constructor.name }
try { await IA.SessionProvider.factory(Object.assign(config(), { senderPassword: 'x' })) } catch (error) { told.bad_sender = error.constructor.name }
console.log(JSON.stringify(told))
