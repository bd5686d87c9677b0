// What a user of jsforce does: asks, pages, writes collections, upserts and describes.
import jsforce from 'jsforce'

const [address, token] = process.argv.slice(2)
const conn = new jsforce.Connection({ instanceUrl: address, accessToken: token, version: '62.0' })
const told = {}
const all = await conn.query('SELECT Id, Name FROM Account ORDER BY Name', { autoFetch: true, maxFetch: 10000, headers: { 'Sforce-Query-Options': 'batchSize=200' } })
told.accounts = all.records.length
const made = await conn.sobject('Contact').create([{ LastName: 'Brandt' }, { FirstName: 'Nobody' }], { allOrNone: false })
told.created = made.map((one) => (one.success ? 'made' : one.errors[0].errorCode ?? one.errors[0].statusCode))
const first = await conn.sobject('Account').upsert({ Name: 'By key', Hub_Id__c: 'js-1' }, 'Hub_Id__c')
const again = await conn.sobject('Account').upsert({ Name: 'By key again', Hub_Id__c: 'js-1' }, 'Hub_Id__c')
told.upserted = [first.success, again.success, (await conn.sobject('Account').findOne({ Hub_Id__c: 'js-1' }, ['Name'])).Name]
told.updated = (await conn.sobject('Account').update({ Id: first.id ?? again.id ?? all.records[0].Id, Phone: '1' })).success
told.picks = (await conn.sobject('Opportunity').describe()).fields.find((one) => one.name === 'StageName').picklistValues.length > 2
try { await conn.query('SELECT Nope FROM Account') } catch (error) { told.bad = error.errorCode ?? error.name }
console.log(JSON.stringify(told))
