// What a user of @rytass/erp-oracle-fusion does: signs in, pages, asks, writes, meets refusals, runs jobs, and keeps customer accounts by SOAP.
import {
  FusionCustomerAccountService, FusionCustomerProfileService, FusionFbdiService, FusionExportService, FusionRestClient, FusionSoapClient, FusionSoapFaultError,
  FusionValidationError, FusionAuthError, FusionTransientError, GL_JOURNAL_TEMPLATE, buildJournalImportParameterList, withFusionQuery,
} from '@rytass/erp-oracle-fusion'

const [address] = process.argv.slice(2)
const auth = { tokenUrl: `${address}/oauth2/v1/token`, clientId: 'hub-client', clientSecret: 'hub-secret', scope: 'urn:opc:resource:consumer::all' }
const options = { baseUrl: address, auth, retryBaseDelayMs: 1 }
const client = new FusionRestClient({ ...options, restFrameworkVersion: 4 })
const crm = { namespace: 'crmRestApi' }
const told = {}

told.accounts = (await client.getAll('accounts?onlyData=true&orderBy=PartyId:asc', 500, crm)).length
const project = (await client.get(withFusionQuery('projects', { q: "ProjectNumber = 'NL-ERP' and ProjectCurrencyCode = 'EUR'", expand: 'Tasks', totalResults: true }))).items[0]
told.project = [project.ProjectName, project.Tasks.items.map((one) => one.TaskNumber), typeof project.ProjectId, project.links[0].rel]
const old = new FusionRestClient(options)
told.by_example = (await old.get(withFusionQuery('projects', { q: { ProjectNumber: 'NL-ERP', ProjectCurrencyCode: 'EUR' }, expand: 'Tasks' }))).items.map((one) => one.Tasks.length)
const ledger = (await old.get('ledgersLOV?limit=1')).items[0].LedgerId
told.period = (await old.get(withFusionQuery('accountingPeriodStatusLOV', { q: { LedgerId: ledger, PeriodNameId: 'Feb-26', ApplicationId: 222 } }))).items.map((one) => one.ClosingStatus)
told.found = (await client.get(withFusionQuery('receivablesInvoices', { finder: { name: 'invoiceSearch', params: { BusinessUnit: 'DE Consulting', TransactionNumber: 'INV-2040' } } }))).count
told.described = Object.keys(await client.get('projects/describe'))[0]

const made = await client.post('accounts', { OrganizationName: 'Söhne & Co', SourceSystemReference: [{ SourceSystem: 'HUB', SourceSystemReferenceValue: 'ry-1' }] }, crm)
told.created = [made.Status, made.SourceSystemReference.items.length]
told.patched = (await client.patch(`accounts/${made.PartyNumber}`, { URL: 'https://x.example' }, crm)).URL
try { await client.patch(`accounts/${made.PartyNumber}`, { URL: 'https://y.example' }, { ...crm, headers: { 'If-Match': '"stale"' } }) } catch (error) { told.stale = [error.name, error.status] }
told.deleted = await client.delete(`accounts/${made.PartyNumber}`, crm)
try { await client.get(`accounts/${made.PartyNumber}`, { ...crm, maxRetries: 0 }) } catch (error) { told.gone = [error instanceof FusionTransientError, error.status] }
const invoice = { TransactionSource: 'HUB', TransactionType: 'Invoice', BusinessUnit: 'DE Consulting', TransactionDate: '2026-05-04', InvoiceCurrencyCode: 'EUR' }
try { await client.post('receivablesInvoices', invoice) } catch (error) { told.refused = [error instanceof FusionValidationError, error.body['o:errorDetails'][0]['o:errorCode'], error.body.status] }
try { await old.post('receivablesInvoices', invoice) } catch (error) { told.structured = error.body }
try { await client.get(withFusionQuery('projects', { q: "PeriodName = 'Feb-26'" })) } catch (error) { told.not_queryable = error.name }
try { await new FusionRestClient({ ...options, auth: { type: 'basic', username: 'nobody', password: 'x' } }).get('projects') } catch (error) { told.stranger = [error instanceof FusionAuthError, error.status] }
told.basic = (await new FusionRestClient({ ...options, auth: { type: 'basic', username: 'HUB_INTEGRATION', password: 'hub-password' } }).get('projects?limit=1')).count

const fbdi = new FusionFbdiService(client)
const row = { STATUS: 'NEW', LEDGER_ID: String(ledger), JOURNAL_SOURCE: 'HUB', CURRENCY_CODE: 'EUR', ENTERED_DR: '10.00' }
const parameters = buildJournalImportParameterList({ journalSource: 'HUB', ledgerId: String(ledger), groupId: '77' })
const job = await fbdi.import(GL_JOURNAL_TEMPLATE, [{ entryFileName: 'GlInterface.csv', rows: [row] }], parameters, { callbackUrl: null })
const states = []
const end = await fbdi.waitForEss(job.requestId, { intervalMs: 1, timeoutMs: 5000, onPoll: (status) => states.push(status.rawStatus) })
told.job = [states, end.state, (await fbdi.downloadEssLogText(job.requestId)).includes('GlInterface.csv')]
try { await fbdi.submitEssJob({ jobPackageName: '/oracle/apps/ess/nowhere', jobDefName: 'Nothing', parameters: '' }) } catch (error) { told.unknown_job = error.message.includes('ReqstId=-1') }
const uploaded = await new FusionExportService(client).uploadFile(Buffer.from('PK'), { fileName: 'ExportBulkData_x_1.zip', contentType: 'zip', documentAccount: 'fin$/journal$/import' })
told.document = (await new FusionExportService(client).downloadDocument(uploaded)).content.toString()

const soap = new FusionSoapClient(options)
const accounts = new FusionCustomerAccountService(soap)
const profiles = new FusionCustomerProfileService(soap)
const party = (await client.get('accounts?limit=1', crm)).items[0].PartyId
const account = await accounts.createCustomerAccount({ PartyId: String(party), AccountName: 'A & B', CreatedByModule: 'HZ_WS', OrigSystem: 'HUB', OrigSystemReference: 'ry-2' })
told.account = [account.AccountName, account.Status, account.TaxCode]
try { await profiles.getActiveCustomerProfile({ AccountNumber: account.AccountNumber }) } catch (error) { told.no_profile = [error instanceof FusionSoapFaultError, error.status, error.errorCode] }
const profile = { CustomerAccountId: account.CustomerAccountId, PartyId: String(party), ProfileClassName: 'DEFAULT', CreditLimit: 500, CreditCurrencyCode: 'EUR' }
told.profile = (await profiles.createCustomerProfile(profile)).CreditLimit
await profiles.updateCustomerProfile({ CustomerAccountProfileId: (await profiles.getActiveCustomerProfile({ AccountNumber: account.AccountNumber })).CustomerAccountProfileId, CreditHold: 'Y' })
told.held = (await profiles.getActiveCustomerProfile({ AccountNumber: account.AccountNumber })).CreditHold
told.by_reference = (await accounts.getCustomerAccountByOriginalSystemReference('HUB', 'ry-2')).map((one) => one.AccountNumber === account.AccountNumber)
await accounts.updateCustomerAccount({ CustomerAccountId: account.CustomerAccountId, AccountName: 'A & C', Comments: null })
told.renamed = (await accounts.findCustomerAccount({ filters: [{ attribute: 'AccountNumber', value: account.AccountNumber }], fetchSize: 5 })).map((one) => one.AccountName)
try { await accounts.createCustomerAccount({ PartyId: String(party), AccountName: 'x' }) } catch (error) { told.fault = [error.errorCode, error.attributeErrors.length] }
try { await accounts.createCustomerAccount({ PartyId: '1', AccountName: 'x', CreatedByModule: 'HZ_WS' }) } catch (error) { told.attribute = error.attributeErrors[0].attributeName }
console.log(JSON.stringify(told))
