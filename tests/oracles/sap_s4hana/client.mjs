// What a user of the vendor's own SDK does: asks with typed services, expands, creates deeply, updates with the tag it was given, and meets errors.
import { asc, and } from '@sap-cloud-sdk/odata-v2'
import { billingDocumentService } from '@sap/cloud-sdk-vdm-billing-document-service'
import { businessPartnerService } from '@sap/cloud-sdk-vdm-business-partner-service'
import { enterpriseProjectService } from '@sap/cloud-sdk-vdm-enterprise-project-service'
import { salesOrderService } from '@sap/cloud-sdk-vdm-sales-order-service'
import { workforceTimesheetService } from '@sap/cloud-sdk-vdm-workforce-timesheet-service'

const [url, username, password] = process.argv.slice(2)
const there = { url, username, password, authentication: 'BasicAuthentication' }
const PROJECTS = '/sap/opu/odata/sap/API_ENTERPRISE_PROJECT_SRV;v=0002'
const told = {}
const refused = async (request) => {
  try {
    await request.execute(there)
  } catch (error) {
    let cause = error
    while (cause.cause && !cause.response) cause = cause.cause
    return [cause.response?.status, cause.response?.data?.error?.code]
  }
  return ['taken']
}

const { businessPartnerApi, businessPartnerAddressApi, businessPartnerRoleApi } = businessPartnerService()
const one = businessPartnerApi.schema
const firms = await businessPartnerApi.requestBuilder().getAll()
  .select(one.BUSINESS_PARTNER, one.BUSINESS_PARTNER_FULL_NAME, one.CREATION_DATE, one.TO_BUSINESS_PARTNER_ADDRESS.select(businessPartnerAddressApi.schema.CITY_NAME))
  .filter(and(one.CUSTOMER.notEquals(''), one.BUSINESS_PARTNER_CATEGORY.equals('2'))).orderBy(asc(one.BUSINESS_PARTNER)).top(3).execute(there)
told.firms = firms.map((each) => [each.businessPartner, each.businessPartnerFullName, each.toBusinessPartnerAddress[0].cityName, each.creationDate.year() > 2020])
told.count = await businessPartnerApi.requestBuilder().getAll().filter(one.BUSINESS_PARTNER_CATEGORY.equals('2')).count().execute(there)
const made = await businessPartnerApi.requestBuilder().create(businessPartnerApi.entityBuilder()
  .businessPartnerCategory('2').businessPartnerGrouping('BP02').organizationBpName1('Deep & Sons')
  .toBusinessPartnerAddress([businessPartnerAddressApi.entityBuilder().streetName('Kai 1').cityName('Hamburg').country('DE').build()])
  .toBusinessPartnerRole([businessPartnerRoleApi.entityBuilder().businessPartnerRole('FLCU01').build()]).build()).execute(there)
told.created = [made.businessPartner === made.customer, made.businessPartnerFullName]
const read = await businessPartnerApi.requestBuilder().getByKey(made.businessPartner).execute(there)
read.searchTerm1 = 'DEEP'
told.updated = (await businessPartnerApi.requestBuilder().update(read).execute(there)).searchTerm1
told.read = (await businessPartnerApi.requestBuilder().getByKey(made.businessPartner).execute(there)).searchTerm1
read.searchTerm1 = 'STALE'
told.stale = await refused(businessPartnerApi.requestBuilder().update(read))
told.refused = await refused(businessPartnerApi.requestBuilder().create(businessPartnerApi.entityBuilder().businessPartnerCategory('2').businessPartnerGrouping('ZZ99').organizationBpName1('x').build()))
told.gone = await refused(businessPartnerApi.requestBuilder().getByKey('4711'))

const { enterpriseProjectApi, enterpriseProjectElementApi } = enterpriseProjectService()
const [project] = await enterpriseProjectApi.requestBuilder().getAll().setCustomServicePath(PROJECTS).filter(enterpriseProjectApi.schema.PROJECT.equals('NL-ERP')).execute(there)
told.project = [project.projectDescription, project.processingStatus, project.projectStartDate.format('YYYY-MM-DD'), project.lastChangeDateTime.isValid()]
const element = enterpriseProjectElementApi.schema
const real = await enterpriseProjectElementApi.requestBuilder().getAll()
  .setCustomServicePath(PROJECTS).filter(and(element.PROJECT_UUID.equals(project.projectUuid), element.PARENT_OBJECT_UUID.notEquals('00000000-0000-0000-0000-000000000000'))).execute(there)
told.elements = real.map((each) => each.projectElement)

const { billingDocumentApi } = billingDocumentService()
const document = await billingDocumentApi.requestBuilder().getByKey('90000412').select(billingDocumentApi.schema.TOTAL_NET_AMOUNT, billingDocumentApi.schema.TO_ITEM).execute(there)
told.document = [document.totalNetAmount.toString(), document.toItem[0].billingQuantity.toString()]

const { salesOrderApi, salesOrderItemApi } = salesOrderService()
const order = await salesOrderApi.requestBuilder().create(salesOrderApi.entityBuilder().salesOrderType('OR').salesOrganization('1010').distributionChannel('10')
  .organizationDivision('00').soldToParty(made.customer).transactionCurrency('EUR')
  .toItem([salesOrderItemApi.entityBuilder().salesOrderItemText('Advice').wbsElement('NL-ERP.1').build()]).build()).execute(there)
told.order = (await salesOrderItemApi.requestBuilder().getByKey(order.salesOrder, '10').execute(there)).salesOrderItemText

const { timeSheetEntryApi } = workforceTimesheetService()
const day = timeSheetEntryApi.schema.TIME_SHEET_DATE
const times = await timeSheetEntryApi.requestBuilder().getAll().filter(and(day.greaterOrEqual(project.projectStartDate), day.lessOrEqual(project.projectEndDate))).execute(there)
told.times = [times.length, times[0].timeSheetDataFields.recordedHours.toString(), times[0].timeSheetStatus]
console.log(JSON.stringify(told))
