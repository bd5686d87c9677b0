SELECT convert_to(coalesce(CASE 
(SELECT t1.entity
FROM api.change t1
WHERE t1.golden_id = $1::uuid
ORDER BY t1.version LIMIT 1) WHEN 'currency' THEN 
(SELECT (('{"__typename":"Currency","id":"' || (t2.id::text || '","version":')) || ((t2.version::text || ',"recordState":"') || (t2.record_state || '"}')))
FROM api.currency AS t2
WHERE t2.id =
CASE WHEN EXISTS 
(SELECT
FROM api.currency AS t3
WHERE t3.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t4 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t5.survivor_id, t4.steps + 1
FROM t4 JOIN api.forward t5 ON t5.loser_id = t4.survivor
WHERE t4.steps < 20) SELECT survivor
FROM t4
ORDER BY steps DESC LIMIT 1) END) WHEN 'fiscal_calendar' THEN 
(SELECT (('{"__typename":"FiscalCalendar","id":"' || (t6.id::text || '","version":')) || ((t6.version::text || ',"recordState":"') || (t6.record_state || '"}')))
FROM api.fiscal_calendar AS t6
WHERE t6.id =
CASE WHEN EXISTS 
(SELECT
FROM api.fiscal_calendar AS t7
WHERE t7.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t8 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t9.survivor_id, t8.steps + 1
FROM t8 JOIN api.forward t9 ON t9.loser_id = t8.survivor
WHERE t8.steps < 20) SELECT survivor
FROM t8
ORDER BY steps DESC LIMIT 1) END) WHEN 'legal_entity' THEN 
(SELECT (('{"__typename":"LegalEntity","id":"' || (t10.id::text || '","version":')) || ((t10.version::text || ',"recordState":"') || (t10.record_state || '"}')))
FROM api.legal_entity AS t10
WHERE t10.id =
CASE WHEN EXISTS 
(SELECT
FROM api.legal_entity AS t11
WHERE t11.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t12 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t13.survivor_id, t12.steps + 1
FROM t12 JOIN api.forward t13 ON t13.loser_id = t12.survivor
WHERE t12.steps < 20) SELECT survivor
FROM t12
ORDER BY steps DESC LIMIT 1) END) WHEN 'region' THEN 
(SELECT (('{"__typename":"Region","id":"' || (t14.id::text || '","version":')) || ((t14.version::text || ',"recordState":"') || (t14.record_state || '"}')))
FROM api.region AS t14
WHERE t14.id =
CASE WHEN EXISTS 
(SELECT
FROM api.region AS t15
WHERE t15.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t16 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t17.survivor_id, t16.steps + 1
FROM t16 JOIN api.forward t17 ON t17.loser_id = t16.survivor
WHERE t16.steps < 20) SELECT survivor
FROM t16
ORDER BY steps DESC LIMIT 1) END) WHEN 'regional_policy' THEN 
(SELECT (('{"__typename":"RegionalPolicy","id":"' || (t18.id::text || '","version":')) || ((t18.version::text || ',"recordState":"') || (t18.record_state || '"}')))
FROM api.regional_policy AS t18
WHERE t18.id =
CASE WHEN EXISTS 
(SELECT
FROM api.regional_policy AS t19
WHERE t19.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t20 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t21.survivor_id, t20.steps + 1
FROM t20 JOIN api.forward t21 ON t21.loser_id = t20.survivor
WHERE t20.steps < 20) SELECT survivor
FROM t20
ORDER BY steps DESC LIMIT 1) END) WHEN 'cost_centre' THEN 
(SELECT (('{"__typename":"CostCentre","id":"' || (t22.id::text || '","version":')) || ((t22.version::text || ',"recordState":"') || (t22.record_state || '"}')))
FROM api.cost_centre AS t22
WHERE t22.id =
CASE WHEN EXISTS 
(SELECT
FROM api.cost_centre AS t23
WHERE t23.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t24 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t25.survivor_id, t24.steps + 1
FROM t24 JOIN api.forward t25 ON t25.loser_id = t24.survivor
WHERE t24.steps < 20) SELECT survivor
FROM t24
ORDER BY steps DESC LIMIT 1) END) WHEN 'ledger_account' THEN 
(SELECT (('{"__typename":"LedgerAccount","id":"' || (t26.id::text || '","version":')) || ((t26.version::text || ',"recordState":"') || (t26.record_state || '"}')))
FROM api.ledger_account AS t26
WHERE t26.id =
CASE WHEN EXISTS 
(SELECT
FROM api.ledger_account AS t27
WHERE t27.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t28 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t29.survivor_id, t28.steps + 1
FROM t28 JOIN api.forward t29 ON t29.loser_id = t28.survivor
WHERE t28.steps < 20) SELECT survivor
FROM t28
ORDER BY steps DESC LIMIT 1) END) WHEN 'service_line' THEN 
(SELECT (('{"__typename":"ServiceLine","id":"' || (t30.id::text || '","version":')) || ((t30.version::text || ',"recordState":"') || (t30.record_state || '"}')))
FROM api.service_line AS t30
WHERE t30.id =
CASE WHEN EXISTS 
(SELECT
FROM api.service_line AS t31
WHERE t31.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t32 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t33.survivor_id, t32.steps + 1
FROM t32 JOIN api.forward t33 ON t33.loser_id = t32.survivor
WHERE t32.steps < 20) SELECT survivor
FROM t32
ORDER BY steps DESC LIMIT 1) END) WHEN 'service_item' THEN 
(SELECT (('{"__typename":"ServiceItem","id":"' || (t34.id::text || '","version":')) || ((t34.version::text || ',"recordState":"') || (t34.record_state || '"}')))
FROM api.service_item AS t34
WHERE t34.id =
CASE WHEN EXISTS 
(SELECT
FROM api.service_item AS t35
WHERE t35.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t36 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t37.survivor_id, t36.steps + 1
FROM t36 JOIN api.forward t37 ON t37.loser_id = t36.survivor
WHERE t36.steps < 20) SELECT survivor
FROM t36
ORDER BY steps DESC LIMIT 1) END) WHEN 'account_map' THEN 
(SELECT (('{"__typename":"AccountMap","id":"' || (t38.id::text || '","version":')) || ((t38.version::text || ',"recordState":"') || (t38.record_state || '"}')))
FROM api.account_map AS t38
WHERE t38.id =
CASE WHEN EXISTS 
(SELECT
FROM api.account_map AS t39
WHERE t39.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t40 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t41.survivor_id, t40.steps + 1
FROM t40 JOIN api.forward t41 ON t41.loser_id = t40.survivor
WHERE t40.steps < 20) SELECT survivor
FROM t40
ORDER BY steps DESC LIMIT 1) END) WHEN 'tax_code' THEN 
(SELECT (('{"__typename":"TaxCode","id":"' || (t42.id::text || '","version":')) || ((t42.version::text || ',"recordState":"') || (t42.record_state || '"}')))
FROM api.tax_code AS t42
WHERE t42.id =
CASE WHEN EXISTS 
(SELECT
FROM api.tax_code AS t43
WHERE t43.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t44 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t45.survivor_id, t44.steps + 1
FROM t44 JOIN api.forward t45 ON t45.loser_id = t44.survivor
WHERE t44.steps < 20) SELECT survivor
FROM t44
ORDER BY steps DESC LIMIT 1) END) WHEN 'tax_rule' THEN 
(SELECT (('{"__typename":"TaxRule","id":"' || (t46.id::text || '","version":')) || ((t46.version::text || ',"recordState":"') || (t46.record_state || '"}')))
FROM api.tax_rule AS t46
WHERE t46.id =
CASE WHEN EXISTS 
(SELECT
FROM api.tax_rule AS t47
WHERE t47.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t48 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t49.survivor_id, t48.steps + 1
FROM t48 JOIN api.forward t49 ON t49.loser_id = t48.survivor
WHERE t48.steps < 20) SELECT survivor
FROM t48
ORDER BY steps DESC LIMIT 1) END) WHEN 'exchange_rate' THEN 
(SELECT (('{"__typename":"ExchangeRate","id":"' || (t50.id::text || '","version":')) || ((t50.version::text || ',"recordState":"') || (t50.record_state || '"}')))
FROM api.exchange_rate AS t50
WHERE t50.id =
CASE WHEN EXISTS 
(SELECT
FROM api.exchange_rate AS t51
WHERE t51.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t52 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t53.survivor_id, t52.steps + 1
FROM t52 JOIN api.forward t53 ON t53.loser_id = t52.survivor
WHERE t52.steps < 20) SELECT survivor
FROM t52
ORDER BY steps DESC LIMIT 1) END) WHEN 'accounting_period' THEN 
(SELECT (('{"__typename":"AccountingPeriod","id":"' || (t54.id::text || '","version":')) || ((t54.version::text || ',"recordState":"') || (t54.record_state || '"}')))
FROM api.accounting_period AS t54
WHERE t54.id =
CASE WHEN EXISTS 
(SELECT
FROM api.accounting_period AS t55
WHERE t55.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t56 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t57.survivor_id, t56.steps + 1
FROM t56 JOIN api.forward t57 ON t57.loser_id = t56.survivor
WHERE t56.steps < 20) SELECT survivor
FROM t56
ORDER BY steps DESC LIMIT 1) END) WHEN 'interface_entry' THEN 
(SELECT (('{"__typename":"InterfaceEntry","id":"' || (t58.id::text || '","version":')) || ((t58.version::text || ',"recordState":"') || (t58.record_state || '"}')))
FROM api.interface_entry AS t58
WHERE t58.id =
CASE WHEN EXISTS 
(SELECT
FROM api.interface_entry AS t59
WHERE t59.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t60 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t61.survivor_id, t60.steps + 1
FROM t60 JOIN api.forward t61 ON t61.loser_id = t60.survivor
WHERE t60.steps < 20) SELECT survivor
FROM t60
ORDER BY steps DESC LIMIT 1) END) WHEN 'vendor' THEN 
(SELECT (('{"__typename":"Vendor","id":"' || (t62.id::text || '","version":')) || ((t62.version::text || ',"recordState":"') || (t62.record_state || '"}')))
FROM api.vendor AS t62
WHERE t62.id =
CASE WHEN EXISTS 
(SELECT
FROM api.vendor AS t63
WHERE t63.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t64 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t65.survivor_id, t64.steps + 1
FROM t64 JOIN api.forward t65 ON t65.loser_id = t64.survivor
WHERE t64.steps < 20) SELECT survivor
FROM t64
ORDER BY steps DESC LIMIT 1) END) WHEN 'resource' THEN 
(SELECT (('{"__typename":"Resource","id":"' || (t66.id::text || '","version":')) || ((t66.version::text || ',"recordState":"') || (t66.record_state || '"}')))
FROM api.resource AS t66
WHERE t66.id =
CASE WHEN EXISTS 
(SELECT
FROM api.resource AS t67
WHERE t67.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t68 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t69.survivor_id, t68.steps + 1
FROM t68 JOIN api.forward t69 ON t69.loser_id = t68.survivor
WHERE t68.steps < 20) SELECT survivor
FROM t68
ORDER BY steps DESC LIMIT 1) END) WHEN 'client' THEN 
(SELECT (CASE WHEN t70.plain_version = t70.version THEN ((('{"__typename":"Client","id":"' || t70.id::text) || ('","version":' || t70.version::text)) || ((',"recordState":"' || t70.record_state) || ('"' || coalesce((',"legalName":"' || (t70."legal_name" || '"')), ',"legalName":null'))))
ELSE ((('{"__typename":"Client","id":"' || t70.id::text) || ('","version":' || t70.version::text)) || ((',"recordState":"' || t70.record_state) || ('"' || coalesce((',"legalName":' || to_json(t70."legal_name")::text), ',"legalName":null')))) END || '}')
FROM api.client AS t70
WHERE t70.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client AS t71
WHERE t71.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t72 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t73.survivor_id, t72.steps + 1
FROM t72 JOIN api.forward t73 ON t73.loser_id = t72.survivor
WHERE t72.steps < 20) SELECT survivor
FROM t72
ORDER BY steps DESC LIMIT 1) END) WHEN 'client_site' THEN 
(SELECT (('{"__typename":"ClientSite","id":"' || (t74.id::text || '","version":')) || ((t74.version::text || ',"recordState":"') || (t74.record_state || '"}')))
FROM api.client_site AS t74
WHERE t74.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client_site AS t75
WHERE t75.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t76 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t77.survivor_id, t76.steps + 1
FROM t76 JOIN api.forward t77 ON t77.loser_id = t76.survivor
WHERE t76.steps < 20) SELECT survivor
FROM t76
ORDER BY steps DESC LIMIT 1) END) WHEN 'contact' THEN 
(SELECT (CASE WHEN t78.plain_version = t78.version THEN ((('{"__typename":"Contact","id":"' || t78.id::text) || ('","version":' || t78.version::text)) || ((',"recordState":"' || t78.record_state) || ('"' || coalesce((',"familyName":"' || (t78."family_name" || '"')), ',"familyName":null'))))
ELSE ((('{"__typename":"Contact","id":"' || t78.id::text) || ('","version":' || t78.version::text)) || ((',"recordState":"' || t78.record_state) || ('"' || coalesce((',"familyName":' || to_json(t78."family_name")::text), ',"familyName":null')))) END || (coalesce((',"client":' || 
(SELECT (CASE WHEN t82.plain_version = t82.version THEN coalesce(('{"name":"' || (t82."name" || '"')), '{"name":null')
ELSE coalesce(('{"name":' || to_json(t82."name")::text), '{"name":null') END || '}')
FROM api.client AS t82
WHERE t82.id = t78.client_id)), ',"client":null') || '}'))
FROM api.contact AS t78
WHERE t78.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contact AS t79
WHERE t79.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t80 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t81.survivor_id, t80.steps + 1
FROM t80 JOIN api.forward t81 ON t81.loser_id = t80.survivor
WHERE t80.steps < 20) SELECT survivor
FROM t80
ORDER BY steps DESC LIMIT 1) END) WHEN 'client_relationship' THEN 
(SELECT (('{"__typename":"ClientRelationship","id":"' || (t83.id::text || '","version":')) || ((t83.version::text || ',"recordState":"') || (t83.record_state || '"}')))
FROM api.client_relationship AS t83
WHERE t83.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client_relationship AS t84
WHERE t84.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t85 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t86.survivor_id, t85.steps + 1
FROM t85 JOIN api.forward t86 ON t86.loser_id = t85.survivor
WHERE t85.steps < 20) SELECT survivor
FROM t85
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_account' THEN 
(SELECT (('{"__typename":"BillingAccount","id":"' || (t87.id::text || '","version":')) || ((t87.version::text || ',"recordState":"') || (t87.record_state || '"}')))
FROM api.billing_account AS t87
WHERE t87.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_account AS t88
WHERE t88.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t89 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t90.survivor_id, t89.steps + 1
FROM t89 JOIN api.forward t90 ON t90.loser_id = t89.survivor
WHERE t89.steps < 20) SELECT survivor
FROM t89
ORDER BY steps DESC LIMIT 1) END) WHEN 'opportunity' THEN 
(SELECT (('{"__typename":"Opportunity","id":"' || (t91.id::text || '","version":')) || ((t91.version::text || ',"recordState":"') || (t91.record_state || '"}')))
FROM api.opportunity AS t91
WHERE t91.id =
CASE WHEN EXISTS 
(SELECT
FROM api.opportunity AS t92
WHERE t92.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t93 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t94.survivor_id, t93.steps + 1
FROM t93 JOIN api.forward t94 ON t94.loser_id = t93.survivor
WHERE t93.steps < 20) SELECT survivor
FROM t93
ORDER BY steps DESC LIMIT 1) END) WHEN 'contract' THEN 
(SELECT (('{"__typename":"Contract","id":"' || (t95.id::text || '","version":')) || ((t95.version::text || ',"recordState":"') || (t95.record_state || '"}')))
FROM api.contract AS t95
WHERE t95.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contract AS t96
WHERE t96.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t97 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t98.survivor_id, t97.steps + 1
FROM t97 JOIN api.forward t98 ON t98.loser_id = t97.survivor
WHERE t97.steps < 20) SELECT survivor
FROM t97
ORDER BY steps DESC LIMIT 1) END) WHEN 'contract_line' THEN 
(SELECT (('{"__typename":"ContractLine","id":"' || (t99.id::text || '","version":')) || ((t99.version::text || ',"recordState":"') || (t99.record_state || '"}')))
FROM api.contract_line AS t99
WHERE t99.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contract_line AS t100
WHERE t100.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t101 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t102.survivor_id, t101.steps + 1
FROM t101 JOIN api.forward t102 ON t102.loser_id = t101.survivor
WHERE t101.steps < 20) SELECT survivor
FROM t101
ORDER BY steps DESC LIMIT 1) END) WHEN 'rate_card' THEN 
(SELECT (('{"__typename":"RateCard","id":"' || (t103.id::text || '","version":')) || ((t103.version::text || ',"recordState":"') || (t103.record_state || '"}')))
FROM api.rate_card AS t103
WHERE t103.id =
CASE WHEN EXISTS 
(SELECT
FROM api.rate_card AS t104
WHERE t104.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t105 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t106.survivor_id, t105.steps + 1
FROM t105 JOIN api.forward t106 ON t106.loser_id = t105.survivor
WHERE t105.steps < 20) SELECT survivor
FROM t105
ORDER BY steps DESC LIMIT 1) END) WHEN 'rate_line' THEN 
(SELECT (('{"__typename":"RateLine","id":"' || (t107.id::text || '","version":')) || ((t107.version::text || ',"recordState":"') || (t107.record_state || '"}')))
FROM api.rate_line AS t107
WHERE t107.id =
CASE WHEN EXISTS 
(SELECT
FROM api.rate_line AS t108
WHERE t108.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t109 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t110.survivor_id, t109.steps + 1
FROM t109 JOIN api.forward t110 ON t110.loser_id = t109.survivor
WHERE t109.steps < 20) SELECT survivor
FROM t109
ORDER BY steps DESC LIMIT 1) END) WHEN 'client_purchase_order' THEN 
(SELECT (('{"__typename":"ClientPurchaseOrder","id":"' || (t111.id::text || '","version":')) || ((t111.version::text || ',"recordState":"') || (t111.record_state || '"}')))
FROM api.client_purchase_order AS t111
WHERE t111.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client_purchase_order AS t112
WHERE t112.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t113 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t114.survivor_id, t113.steps + 1
FROM t113 JOIN api.forward t114 ON t114.loser_id = t113.survivor
WHERE t113.steps < 20) SELECT survivor
FROM t113
ORDER BY steps DESC LIMIT 1) END) WHEN 'engagement' THEN 
(SELECT (('{"__typename":"Engagement","id":"' || (t115.id::text || '","version":')) || ((t115.version::text || ',"recordState":"') || (t115.record_state || '"}')))
FROM api.engagement AS t115
WHERE t115.id =
CASE WHEN EXISTS 
(SELECT
FROM api.engagement AS t116
WHERE t116.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t117 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t118.survivor_id, t117.steps + 1
FROM t117 JOIN api.forward t118 ON t118.loser_id = t117.survivor
WHERE t117.steps < 20) SELECT survivor
FROM t117
ORDER BY steps DESC LIMIT 1) END) WHEN 'project_template' THEN 
(SELECT (('{"__typename":"ProjectTemplate","id":"' || (t119.id::text || '","version":')) || ((t119.version::text || ',"recordState":"') || (t119.record_state || '"}')))
FROM api.project_template AS t119
WHERE t119.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project_template AS t120
WHERE t120.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t121 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t122.survivor_id, t121.steps + 1
FROM t121 JOIN api.forward t122 ON t122.loser_id = t121.survivor
WHERE t121.steps < 20) SELECT survivor
FROM t121
ORDER BY steps DESC LIMIT 1) END) WHEN 'project' THEN 
(SELECT (('{"__typename":"Project","id":"' || (t123.id::text || '","version":')) || ((t123.version::text || ',"recordState":"') || (t123.record_state || '"}')))
FROM api.project AS t123
WHERE t123.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project AS t124
WHERE t124.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t125 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t126.survivor_id, t125.steps + 1
FROM t125 JOIN api.forward t126 ON t126.loser_id = t125.survivor
WHERE t125.steps < 20) SELECT survivor
FROM t125
ORDER BY steps DESC LIMIT 1) END) WHEN 'project_financials' THEN 
(SELECT (('{"__typename":"ProjectFinancials","id":"' || (t127.id::text || '","version":')) || ((t127.version::text || ',"recordState":"') || (t127.record_state || '"}')))
FROM api.project_financials AS t127
WHERE t127.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project_financials AS t128
WHERE t128.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t129 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t130.survivor_id, t129.steps + 1
FROM t129 JOIN api.forward t130 ON t130.loser_id = t129.survivor
WHERE t129.steps < 20) SELECT survivor
FROM t129
ORDER BY steps DESC LIMIT 1) END) WHEN 'task' THEN 
(SELECT (('{"__typename":"Task","id":"' || (t131.id::text || '","version":')) || ((t131.version::text || ',"recordState":"') || (t131.record_state || '"}')))
FROM api.task AS t131
WHERE t131.id =
CASE WHEN EXISTS 
(SELECT
FROM api.task AS t132
WHERE t132.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t133 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t134.survivor_id, t133.steps + 1
FROM t133 JOIN api.forward t134 ON t134.loser_id = t133.survivor
WHERE t133.steps < 20) SELECT survivor
FROM t133
ORDER BY steps DESC LIMIT 1) END) WHEN 'assignment' THEN 
(SELECT (('{"__typename":"Assignment","id":"' || (t135.id::text || '","version":')) || ((t135.version::text || ',"recordState":"') || (t135.record_state || '"}')))
FROM api.assignment AS t135
WHERE t135.id =
CASE WHEN EXISTS 
(SELECT
FROM api.assignment AS t136
WHERE t136.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t137 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t138.survivor_id, t137.steps + 1
FROM t137 JOIN api.forward t138 ON t138.loser_id = t137.survivor
WHERE t137.steps < 20) SELECT survivor
FROM t137
ORDER BY steps DESC LIMIT 1) END) WHEN 'contract_threshold' THEN 
(SELECT (('{"__typename":"ContractThreshold","id":"' || (t139.id::text || '","version":')) || ((t139.version::text || ',"recordState":"') || (t139.record_state || '"}')))
FROM api.contract_threshold AS t139
WHERE t139.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contract_threshold AS t140
WHERE t140.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t141 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t142.survivor_id, t141.steps + 1
FROM t141 JOIN api.forward t142 ON t142.loser_id = t141.survivor
WHERE t141.steps < 20) SELECT survivor
FROM t141
ORDER BY steps DESC LIMIT 1) END) WHEN 'change_order' THEN 
(SELECT (('{"__typename":"ChangeOrder","id":"' || (t143.id::text || '","version":')) || ((t143.version::text || ',"recordState":"') || (t143.record_state || '"}')))
FROM api.change_order AS t143
WHERE t143.id =
CASE WHEN EXISTS 
(SELECT
FROM api.change_order AS t144
WHERE t144.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t145 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t146.survivor_id, t145.steps + 1
FROM t145 JOIN api.forward t146 ON t146.loser_id = t145.survivor
WHERE t145.steps < 20) SELECT survivor
FROM t145
ORDER BY steps DESC LIMIT 1) END) WHEN 'time_entry' THEN 
(SELECT (('{"__typename":"TimeEntry","id":"' || (t147.id::text || '","version":')) || ((t147.version::text || ',"recordState":"') || (t147.record_state || '"}')))
FROM api.time_entry AS t147
WHERE t147.id =
CASE WHEN EXISTS 
(SELECT
FROM api.time_entry AS t148
WHERE t148.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t149 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t150.survivor_id, t149.steps + 1
FROM t149 JOIN api.forward t150 ON t150.loser_id = t149.survivor
WHERE t149.steps < 20) SELECT survivor
FROM t149
ORDER BY steps DESC LIMIT 1) END) WHEN 'expense_report' THEN 
(SELECT (('{"__typename":"ExpenseReport","id":"' || (t151.id::text || '","version":')) || ((t151.version::text || ',"recordState":"') || (t151.record_state || '"}')))
FROM api.expense_report AS t151
WHERE t151.id =
CASE WHEN EXISTS 
(SELECT
FROM api.expense_report AS t152
WHERE t152.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t153 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t154.survivor_id, t153.steps + 1
FROM t153 JOIN api.forward t154 ON t154.loser_id = t153.survivor
WHERE t153.steps < 20) SELECT survivor
FROM t153
ORDER BY steps DESC LIMIT 1) END) WHEN 'expense' THEN 
(SELECT (('{"__typename":"Expense","id":"' || (t155.id::text || '","version":')) || ((t155.version::text || ',"recordState":"') || (t155.record_state || '"}')))
FROM api.expense AS t155
WHERE t155.id =
CASE WHEN EXISTS 
(SELECT
FROM api.expense AS t156
WHERE t156.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t157 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t158.survivor_id, t157.steps + 1
FROM t157 JOIN api.forward t158 ON t158.loser_id = t157.survivor
WHERE t157.steps < 20) SELECT survivor
FROM t157
ORDER BY steps DESC LIMIT 1) END) WHEN 'milestone' THEN 
(SELECT (('{"__typename":"Milestone","id":"' || (t159.id::text || '","version":')) || ((t159.version::text || ',"recordState":"') || (t159.record_state || '"}')))
FROM api.milestone AS t159
WHERE t159.id =
CASE WHEN EXISTS 
(SELECT
FROM api.milestone AS t160
WHERE t160.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t161 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t162.survivor_id, t161.steps + 1
FROM t161 JOIN api.forward t162 ON t162.loser_id = t161.survivor
WHERE t161.steps < 20) SELECT survivor
FROM t161
ORDER BY steps DESC LIMIT 1) END) WHEN 'purchase_order' THEN 
(SELECT (('{"__typename":"PurchaseOrder","id":"' || (t163.id::text || '","version":')) || ((t163.version::text || ',"recordState":"') || (t163.record_state || '"}')))
FROM api.purchase_order AS t163
WHERE t163.id =
CASE WHEN EXISTS 
(SELECT
FROM api.purchase_order AS t164
WHERE t164.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t165 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t166.survivor_id, t165.steps + 1
FROM t165 JOIN api.forward t166 ON t166.loser_id = t165.survivor
WHERE t165.steps < 20) SELECT survivor
FROM t165
ORDER BY steps DESC LIMIT 1) END) WHEN 'purchase_order_line' THEN 
(SELECT (('{"__typename":"PurchaseOrderLine","id":"' || (t167.id::text || '","version":')) || ((t167.version::text || ',"recordState":"') || (t167.record_state || '"}')))
FROM api.purchase_order_line AS t167
WHERE t167.id =
CASE WHEN EXISTS 
(SELECT
FROM api.purchase_order_line AS t168
WHERE t168.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t169 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t170.survivor_id, t169.steps + 1
FROM t169 JOIN api.forward t170 ON t170.loser_id = t169.survivor
WHERE t169.steps < 20) SELECT survivor
FROM t169
ORDER BY steps DESC LIMIT 1) END) WHEN 'cost_item' THEN 
(SELECT (('{"__typename":"CostItem","id":"' || (t171.id::text || '","version":')) || ((t171.version::text || ',"recordState":"') || (t171.record_state || '"}')))
FROM api.cost_item AS t171
WHERE t171.id =
CASE WHEN EXISTS 
(SELECT
FROM api.cost_item AS t172
WHERE t172.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t173 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t174.survivor_id, t173.steps + 1
FROM t173 JOIN api.forward t174 ON t174.loser_id = t173.survivor
WHERE t173.steps < 20) SELECT survivor
FROM t173
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_schedule' THEN 
(SELECT (('{"__typename":"BillingSchedule","id":"' || (t175.id::text || '","version":')) || ((t175.version::text || ',"recordState":"') || (t175.record_state || '"}')))
FROM api.billing_schedule AS t175
WHERE t175.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_schedule AS t176
WHERE t176.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t177 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t178.survivor_id, t177.steps + 1
FROM t177 JOIN api.forward t178 ON t178.loser_id = t177.survivor
WHERE t177.steps < 20) SELECT survivor
FROM t177
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_schedule_line' THEN 
(SELECT (('{"__typename":"BillingScheduleLine","id":"' || (t179.id::text || '","version":')) || ((t179.version::text || ',"recordState":"') || (t179.record_state || '"}')))
FROM api.billing_schedule_line AS t179
WHERE t179.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_schedule_line AS t180
WHERE t180.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t181 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t182.survivor_id, t181.steps + 1
FROM t181 JOIN api.forward t182 ON t182.loser_id = t181.survivor
WHERE t181.steps < 20) SELECT survivor
FROM t181
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_hold' THEN 
(SELECT (('{"__typename":"BillingHold","id":"' || (t183.id::text || '","version":')) || ((t183.version::text || ',"recordState":"') || (t183.record_state || '"}')))
FROM api.billing_hold AS t183
WHERE t183.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_hold AS t184
WHERE t184.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t185 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t186.survivor_id, t185.steps + 1
FROM t185 JOIN api.forward t186 ON t186.loser_id = t185.survivor
WHERE t185.steps < 20) SELECT survivor
FROM t185
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_batch' THEN 
(SELECT (('{"__typename":"BillingBatch","id":"' || (t187.id::text || '","version":')) || ((t187.version::text || ',"recordState":"') || (t187.record_state || '"}')))
FROM api.billing_batch AS t187
WHERE t187.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_batch AS t188
WHERE t188.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t189 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t190.survivor_id, t189.steps + 1
FROM t189 JOIN api.forward t190 ON t190.loser_id = t189.survivor
WHERE t189.steps < 20) SELECT survivor
FROM t189
ORDER BY steps DESC LIMIT 1) END) WHEN 'billable_item' THEN 
(SELECT (('{"__typename":"BillableItem","id":"' || (t191.id::text || '","version":')) || ((t191.version::text || ',"recordState":"') || (t191.record_state || '"}')))
FROM api.billable_item AS t191
WHERE t191.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billable_item AS t192
WHERE t192.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t193 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t194.survivor_id, t193.steps + 1
FROM t193 JOIN api.forward t194 ON t194.loser_id = t193.survivor
WHERE t193.steps < 20) SELECT survivor
FROM t193
ORDER BY steps DESC LIMIT 1) END) WHEN 'invoice' THEN 
(SELECT (('{"__typename":"Invoice","id":"' || (t195.id::text || '","version":')) || ((t195.version::text || ',"recordState":"') || (t195.record_state || '"}')))
FROM api.invoice AS t195
WHERE t195.id =
CASE WHEN EXISTS 
(SELECT
FROM api.invoice AS t196
WHERE t196.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t197 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t198.survivor_id, t197.steps + 1
FROM t197 JOIN api.forward t198 ON t198.loser_id = t197.survivor
WHERE t197.steps < 20) SELECT survivor
FROM t197
ORDER BY steps DESC LIMIT 1) END) WHEN 'credit_memo' THEN 
(SELECT (('{"__typename":"CreditMemo","id":"' || (t199.id::text || '","version":')) || ((t199.version::text || ',"recordState":"') || (t199.record_state || '"}')))
FROM api.credit_memo AS t199
WHERE t199.id =
CASE WHEN EXISTS 
(SELECT
FROM api.credit_memo AS t200
WHERE t200.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t201 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t202.survivor_id, t201.steps + 1
FROM t201 JOIN api.forward t202 ON t202.loser_id = t201.survivor
WHERE t201.steps < 20) SELECT survivor
FROM t201
ORDER BY steps DESC LIMIT 1) END) WHEN 'invoice_line' THEN 
(SELECT (('{"__typename":"InvoiceLine","id":"' || (t203.id::text || '","version":')) || ((t203.version::text || ',"recordState":"') || (t203.record_state || '"}')))
FROM api.invoice_line AS t203
WHERE t203.id =
CASE WHEN EXISTS 
(SELECT
FROM api.invoice_line AS t204
WHERE t204.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t205 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t206.survivor_id, t205.steps + 1
FROM t205 JOIN api.forward t206 ON t206.loser_id = t205.survivor
WHERE t205.steps < 20) SELECT survivor
FROM t205
ORDER BY steps DESC LIMIT 1) END) WHEN 'payment' THEN 
(SELECT (('{"__typename":"Payment","id":"' || (t207.id::text || '","version":')) || ((t207.version::text || ',"recordState":"') || (t207.record_state || '"}')))
FROM api.payment AS t207
WHERE t207.id =
CASE WHEN EXISTS 
(SELECT
FROM api.payment AS t208
WHERE t208.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t209 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t210.survivor_id, t209.steps + 1
FROM t209 JOIN api.forward t210 ON t210.loser_id = t209.survivor
WHERE t209.steps < 20) SELECT survivor
FROM t209
ORDER BY steps DESC LIMIT 1) END) WHEN 'payment_application' THEN 
(SELECT (('{"__typename":"PaymentApplication","id":"' || (t211.id::text || '","version":')) || ((t211.version::text || ',"recordState":"') || (t211.record_state || '"}')))
FROM api.payment_application AS t211
WHERE t211.id =
CASE WHEN EXISTS 
(SELECT
FROM api.payment_application AS t212
WHERE t212.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t213 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t214.survivor_id, t213.steps + 1
FROM t213 JOIN api.forward t214 ON t214.loser_id = t213.survivor
WHERE t213.steps < 20) SELECT survivor
FROM t213
ORDER BY steps DESC LIMIT 1) END) WHEN 'collection_case' THEN 
(SELECT (('{"__typename":"CollectionCase","id":"' || (t215.id::text || '","version":')) || ((t215.version::text || ',"recordState":"') || (t215.record_state || '"}')))
FROM api.collection_case AS t215
WHERE t215.id =
CASE WHEN EXISTS 
(SELECT
FROM api.collection_case AS t216
WHERE t216.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t217 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t218.survivor_id, t217.steps + 1
FROM t217 JOIN api.forward t218 ON t218.loser_id = t217.survivor
WHERE t217.steps < 20) SELECT survivor
FROM t217
ORDER BY steps DESC LIMIT 1) END) WHEN 'posting' THEN 
(SELECT (('{"__typename":"Posting","id":"' || (t219.id::text || '","version":')) || ((t219.version::text || ',"recordState":"') || (t219.record_state || '"}')))
FROM api.posting AS t219
WHERE t219.id =
CASE WHEN EXISTS 
(SELECT
FROM api.posting AS t220
WHERE t220.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t221 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t222.survivor_id, t221.steps + 1
FROM t221 JOIN api.forward t222 ON t222.loser_id = t221.survivor
WHERE t221.steps < 20) SELECT survivor
FROM t221
ORDER BY steps DESC LIMIT 1) END) WHEN 'posting_line' THEN 
(SELECT (('{"__typename":"PostingLine","id":"' || (t223.id::text || '","version":')) || ((t223.version::text || ',"recordState":"') || (t223.record_state || '"}')))
FROM api.posting_line AS t223
WHERE t223.id =
CASE WHEN EXISTS 
(SELECT
FROM api.posting_line AS t224
WHERE t224.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t225 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t226.survivor_id, t225.steps + 1
FROM t225 JOIN api.forward t226 ON t226.loser_id = t225.survivor
WHERE t225.steps < 20) SELECT survivor
FROM t225
ORDER BY steps DESC LIMIT 1) END) WHEN 'revenue_schedule' THEN 
(SELECT (('{"__typename":"RevenueSchedule","id":"' || (t227.id::text || '","version":')) || ((t227.version::text || ',"recordState":"') || (t227.record_state || '"}')))
FROM api.revenue_schedule AS t227
WHERE t227.id =
CASE WHEN EXISTS 
(SELECT
FROM api.revenue_schedule AS t228
WHERE t228.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t229 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t230.survivor_id, t229.steps + 1
FROM t229 JOIN api.forward t230 ON t230.loser_id = t229.survivor
WHERE t229.steps < 20) SELECT survivor
FROM t229
ORDER BY steps DESC LIMIT 1) END) WHEN 'revenue_schedule_line' THEN 
(SELECT (('{"__typename":"RevenueScheduleLine","id":"' || (t231.id::text || '","version":')) || ((t231.version::text || ',"recordState":"') || (t231.record_state || '"}')))
FROM api.revenue_schedule_line AS t231
WHERE t231.id =
CASE WHEN EXISTS 
(SELECT
FROM api.revenue_schedule_line AS t232
WHERE t232.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t233 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t234.survivor_id, t233.steps + 1
FROM t233 JOIN api.forward t234 ON t234.loser_id = t233.survivor
WHERE t233.steps < 20) SELECT survivor
FROM t233
ORDER BY steps DESC LIMIT 1) END) WHEN 'revenue_event' THEN 
(SELECT (('{"__typename":"RevenueEvent","id":"' || (t235.id::text || '","version":')) || ((t235.version::text || ',"recordState":"') || (t235.record_state || '"}')))
FROM api.revenue_event AS t235
WHERE t235.id =
CASE WHEN EXISTS 
(SELECT
FROM api.revenue_event AS t236
WHERE t236.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t237 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t238.survivor_id, t237.steps + 1
FROM t237 JOIN api.forward t238 ON t238.loser_id = t237.survivor
WHERE t237.steps < 20) SELECT survivor
FROM t237
ORDER BY steps DESC LIMIT 1) END) WHEN 'wip_balance' THEN 
(SELECT (('{"__typename":"WipBalance","id":"' || (t239.id::text || '","version":')) || ((t239.version::text || ',"recordState":"') || (t239.record_state || '"}')))
FROM api.wip_balance AS t239
WHERE t239.id =
CASE WHEN EXISTS 
(SELECT
FROM api.wip_balance AS t240
WHERE t240.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t241 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t242.survivor_id, t241.steps + 1
FROM t241 JOIN api.forward t242 ON t242.loser_id = t241.survivor
WHERE t241.steps < 20) SELECT survivor
FROM t241
ORDER BY steps DESC LIMIT 1) END) WHEN 'forecast' THEN 
(SELECT (('{"__typename":"Forecast","id":"' || (t243.id::text || '","version":')) || ((t243.version::text || ',"recordState":"') || (t243.record_state || '"}')))
FROM api.forecast AS t243
WHERE t243.id =
CASE WHEN EXISTS 
(SELECT
FROM api.forecast AS t244
WHERE t244.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t245 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t246.survivor_id, t245.steps + 1
FROM t245 JOIN api.forward t246 ON t246.loser_id = t245.survivor
WHERE t245.steps < 20) SELECT survivor
FROM t245
ORDER BY steps DESC LIMIT 1) END) WHEN 'forecast_line' THEN 
(SELECT (('{"__typename":"ForecastLine","id":"' || (t247.id::text || '","version":')) || ((t247.version::text || ',"recordState":"') || (t247.record_state || '"}')))
FROM api.forecast_line AS t247
WHERE t247.id =
CASE WHEN EXISTS 
(SELECT
FROM api.forecast_line AS t248
WHERE t248.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t249 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t250.survivor_id, t249.steps + 1
FROM t249 JOIN api.forward t250 ON t250.loser_id = t249.survivor
WHERE t249.steps < 20) SELECT survivor
FROM t249
ORDER BY steps DESC LIMIT 1) END) WHEN 'project_actuals' THEN 
(SELECT (('{"__typename":"ProjectActuals","id":"' || (t251.id::text || '","version":')) || ((t251.version::text || ',"recordState":"') || (t251.record_state || '"}')))
FROM api.project_actuals AS t251
WHERE t251.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project_actuals AS t252
WHERE t252.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t253 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t254.survivor_id, t253.steps + 1
FROM t253 JOIN api.forward t254 ON t254.loser_id = t253.survivor
WHERE t253.steps < 20) SELECT survivor
FROM t253
ORDER BY steps DESC LIMIT 1) END) WHEN 'utilisation_snapshot' THEN 
(SELECT (('{"__typename":"UtilisationSnapshot","id":"' || (t255.id::text || '","version":')) || ((t255.version::text || ',"recordState":"') || (t255.record_state || '"}')))
FROM api.utilisation_snapshot AS t255
WHERE t255.id =
CASE WHEN EXISTS 
(SELECT
FROM api.utilisation_snapshot AS t256
WHERE t256.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t257 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t258.survivor_id, t257.steps + 1
FROM t257 JOIN api.forward t258 ON t258.loser_id = t257.survivor
WHERE t257.steps < 20) SELECT survivor
FROM t257
ORDER BY steps DESC LIMIT 1) END) WHEN 'profitability_snapshot' THEN 
(SELECT (('{"__typename":"ProfitabilitySnapshot","id":"' || (t259.id::text || '","version":')) || ((t259.version::text || ',"recordState":"') || (t259.record_state || '"}')))
FROM api.profitability_snapshot AS t259
WHERE t259.id =
CASE WHEN EXISTS 
(SELECT
FROM api.profitability_snapshot AS t260
WHERE t260.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t261 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $1::uuid
UNION ALL SELECT t262.survivor_id, t261.steps + 1
FROM t261 JOIN api.forward t262 ON t262.loser_id = t261.survivor
WHERE t261.steps < 20) SELECT survivor
FROM t261
ORDER BY steps DESC LIMIT 1) END) END, 'null'), 'UTF8'), convert_to(coalesce(CASE 
(SELECT t263.entity
FROM api.change t263
WHERE t263.golden_id = $2::uuid
ORDER BY t263.version LIMIT 1) WHEN 'currency' THEN 
(SELECT ('{"id":"' || (t264.id::text || '"}'))
FROM api.currency AS t264
WHERE t264.id =
CASE WHEN EXISTS 
(SELECT
FROM api.currency AS t265
WHERE t265.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t266 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t267.survivor_id, t266.steps + 1
FROM t266 JOIN api.forward t267 ON t267.loser_id = t266.survivor
WHERE t266.steps < 20) SELECT survivor
FROM t266
ORDER BY steps DESC LIMIT 1) END) WHEN 'fiscal_calendar' THEN 
(SELECT ('{"id":"' || (t268.id::text || '"}'))
FROM api.fiscal_calendar AS t268
WHERE t268.id =
CASE WHEN EXISTS 
(SELECT
FROM api.fiscal_calendar AS t269
WHERE t269.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t270 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t271.survivor_id, t270.steps + 1
FROM t270 JOIN api.forward t271 ON t271.loser_id = t270.survivor
WHERE t270.steps < 20) SELECT survivor
FROM t270
ORDER BY steps DESC LIMIT 1) END) WHEN 'legal_entity' THEN 
(SELECT ('{"id":"' || (t272.id::text || '"}'))
FROM api.legal_entity AS t272
WHERE t272.id =
CASE WHEN EXISTS 
(SELECT
FROM api.legal_entity AS t273
WHERE t273.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t274 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t275.survivor_id, t274.steps + 1
FROM t274 JOIN api.forward t275 ON t275.loser_id = t274.survivor
WHERE t274.steps < 20) SELECT survivor
FROM t274
ORDER BY steps DESC LIMIT 1) END) WHEN 'region' THEN 
(SELECT ('{"id":"' || (t276.id::text || '"}'))
FROM api.region AS t276
WHERE t276.id =
CASE WHEN EXISTS 
(SELECT
FROM api.region AS t277
WHERE t277.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t278 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t279.survivor_id, t278.steps + 1
FROM t278 JOIN api.forward t279 ON t279.loser_id = t278.survivor
WHERE t278.steps < 20) SELECT survivor
FROM t278
ORDER BY steps DESC LIMIT 1) END) WHEN 'regional_policy' THEN 
(SELECT ('{"id":"' || (t280.id::text || '"}'))
FROM api.regional_policy AS t280
WHERE t280.id =
CASE WHEN EXISTS 
(SELECT
FROM api.regional_policy AS t281
WHERE t281.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t282 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t283.survivor_id, t282.steps + 1
FROM t282 JOIN api.forward t283 ON t283.loser_id = t282.survivor
WHERE t282.steps < 20) SELECT survivor
FROM t282
ORDER BY steps DESC LIMIT 1) END) WHEN 'cost_centre' THEN 
(SELECT ('{"id":"' || (t284.id::text || '"}'))
FROM api.cost_centre AS t284
WHERE t284.id =
CASE WHEN EXISTS 
(SELECT
FROM api.cost_centre AS t285
WHERE t285.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t286 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t287.survivor_id, t286.steps + 1
FROM t286 JOIN api.forward t287 ON t287.loser_id = t286.survivor
WHERE t286.steps < 20) SELECT survivor
FROM t286
ORDER BY steps DESC LIMIT 1) END) WHEN 'ledger_account' THEN 
(SELECT ('{"id":"' || (t288.id::text || '"}'))
FROM api.ledger_account AS t288
WHERE t288.id =
CASE WHEN EXISTS 
(SELECT
FROM api.ledger_account AS t289
WHERE t289.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t290 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t291.survivor_id, t290.steps + 1
FROM t290 JOIN api.forward t291 ON t291.loser_id = t290.survivor
WHERE t290.steps < 20) SELECT survivor
FROM t290
ORDER BY steps DESC LIMIT 1) END) WHEN 'service_line' THEN 
(SELECT ('{"id":"' || (t292.id::text || '"}'))
FROM api.service_line AS t292
WHERE t292.id =
CASE WHEN EXISTS 
(SELECT
FROM api.service_line AS t293
WHERE t293.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t294 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t295.survivor_id, t294.steps + 1
FROM t294 JOIN api.forward t295 ON t295.loser_id = t294.survivor
WHERE t294.steps < 20) SELECT survivor
FROM t294
ORDER BY steps DESC LIMIT 1) END) WHEN 'service_item' THEN 
(SELECT ('{"id":"' || (t296.id::text || '"}'))
FROM api.service_item AS t296
WHERE t296.id =
CASE WHEN EXISTS 
(SELECT
FROM api.service_item AS t297
WHERE t297.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t298 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t299.survivor_id, t298.steps + 1
FROM t298 JOIN api.forward t299 ON t299.loser_id = t298.survivor
WHERE t298.steps < 20) SELECT survivor
FROM t298
ORDER BY steps DESC LIMIT 1) END) WHEN 'account_map' THEN 
(SELECT ('{"id":"' || (t300.id::text || '"}'))
FROM api.account_map AS t300
WHERE t300.id =
CASE WHEN EXISTS 
(SELECT
FROM api.account_map AS t301
WHERE t301.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t302 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t303.survivor_id, t302.steps + 1
FROM t302 JOIN api.forward t303 ON t303.loser_id = t302.survivor
WHERE t302.steps < 20) SELECT survivor
FROM t302
ORDER BY steps DESC LIMIT 1) END) WHEN 'tax_code' THEN 
(SELECT ('{"id":"' || (t304.id::text || '"}'))
FROM api.tax_code AS t304
WHERE t304.id =
CASE WHEN EXISTS 
(SELECT
FROM api.tax_code AS t305
WHERE t305.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t306 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t307.survivor_id, t306.steps + 1
FROM t306 JOIN api.forward t307 ON t307.loser_id = t306.survivor
WHERE t306.steps < 20) SELECT survivor
FROM t306
ORDER BY steps DESC LIMIT 1) END) WHEN 'tax_rule' THEN 
(SELECT ('{"id":"' || (t308.id::text || '"}'))
FROM api.tax_rule AS t308
WHERE t308.id =
CASE WHEN EXISTS 
(SELECT
FROM api.tax_rule AS t309
WHERE t309.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t310 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t311.survivor_id, t310.steps + 1
FROM t310 JOIN api.forward t311 ON t311.loser_id = t310.survivor
WHERE t310.steps < 20) SELECT survivor
FROM t310
ORDER BY steps DESC LIMIT 1) END) WHEN 'exchange_rate' THEN 
(SELECT ('{"id":"' || (t312.id::text || '"}'))
FROM api.exchange_rate AS t312
WHERE t312.id =
CASE WHEN EXISTS 
(SELECT
FROM api.exchange_rate AS t313
WHERE t313.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t314 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t315.survivor_id, t314.steps + 1
FROM t314 JOIN api.forward t315 ON t315.loser_id = t314.survivor
WHERE t314.steps < 20) SELECT survivor
FROM t314
ORDER BY steps DESC LIMIT 1) END) WHEN 'accounting_period' THEN 
(SELECT ('{"id":"' || (t316.id::text || '"}'))
FROM api.accounting_period AS t316
WHERE t316.id =
CASE WHEN EXISTS 
(SELECT
FROM api.accounting_period AS t317
WHERE t317.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t318 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t319.survivor_id, t318.steps + 1
FROM t318 JOIN api.forward t319 ON t319.loser_id = t318.survivor
WHERE t318.steps < 20) SELECT survivor
FROM t318
ORDER BY steps DESC LIMIT 1) END) WHEN 'interface_entry' THEN 
(SELECT ('{"id":"' || (t320.id::text || '"}'))
FROM api.interface_entry AS t320
WHERE t320.id =
CASE WHEN EXISTS 
(SELECT
FROM api.interface_entry AS t321
WHERE t321.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t322 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t323.survivor_id, t322.steps + 1
FROM t322 JOIN api.forward t323 ON t323.loser_id = t322.survivor
WHERE t322.steps < 20) SELECT survivor
FROM t322
ORDER BY steps DESC LIMIT 1) END) WHEN 'vendor' THEN 
(SELECT ('{"id":"' || (t324.id::text || '"}'))
FROM api.vendor AS t324
WHERE t324.id =
CASE WHEN EXISTS 
(SELECT
FROM api.vendor AS t325
WHERE t325.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t326 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t327.survivor_id, t326.steps + 1
FROM t326 JOIN api.forward t327 ON t327.loser_id = t326.survivor
WHERE t326.steps < 20) SELECT survivor
FROM t326
ORDER BY steps DESC LIMIT 1) END) WHEN 'resource' THEN 
(SELECT ('{"id":"' || (t328.id::text || '"}'))
FROM api.resource AS t328
WHERE t328.id =
CASE WHEN EXISTS 
(SELECT
FROM api.resource AS t329
WHERE t329.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t330 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t331.survivor_id, t330.steps + 1
FROM t330 JOIN api.forward t331 ON t331.loser_id = t330.survivor
WHERE t330.steps < 20) SELECT survivor
FROM t330
ORDER BY steps DESC LIMIT 1) END) WHEN 'client' THEN 
(SELECT ('{"id":"' || (t332.id::text || '"}'))
FROM api.client AS t332
WHERE t332.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client AS t333
WHERE t333.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t334 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t335.survivor_id, t334.steps + 1
FROM t334 JOIN api.forward t335 ON t335.loser_id = t334.survivor
WHERE t334.steps < 20) SELECT survivor
FROM t334
ORDER BY steps DESC LIMIT 1) END) WHEN 'client_site' THEN 
(SELECT ('{"id":"' || (t336.id::text || '"}'))
FROM api.client_site AS t336
WHERE t336.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client_site AS t337
WHERE t337.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t338 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t339.survivor_id, t338.steps + 1
FROM t338 JOIN api.forward t339 ON t339.loser_id = t338.survivor
WHERE t338.steps < 20) SELECT survivor
FROM t338
ORDER BY steps DESC LIMIT 1) END) WHEN 'contact' THEN 
(SELECT ('{"id":"' || (t340.id::text || '"}'))
FROM api.contact AS t340
WHERE t340.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contact AS t341
WHERE t341.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t342 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t343.survivor_id, t342.steps + 1
FROM t342 JOIN api.forward t343 ON t343.loser_id = t342.survivor
WHERE t342.steps < 20) SELECT survivor
FROM t342
ORDER BY steps DESC LIMIT 1) END) WHEN 'client_relationship' THEN 
(SELECT ('{"id":"' || (t344.id::text || '"}'))
FROM api.client_relationship AS t344
WHERE t344.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client_relationship AS t345
WHERE t345.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t346 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t347.survivor_id, t346.steps + 1
FROM t346 JOIN api.forward t347 ON t347.loser_id = t346.survivor
WHERE t346.steps < 20) SELECT survivor
FROM t346
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_account' THEN 
(SELECT ('{"id":"' || (t348.id::text || '"}'))
FROM api.billing_account AS t348
WHERE t348.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_account AS t349
WHERE t349.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t350 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t351.survivor_id, t350.steps + 1
FROM t350 JOIN api.forward t351 ON t351.loser_id = t350.survivor
WHERE t350.steps < 20) SELECT survivor
FROM t350
ORDER BY steps DESC LIMIT 1) END) WHEN 'opportunity' THEN 
(SELECT ('{"id":"' || (t352.id::text || '"}'))
FROM api.opportunity AS t352
WHERE t352.id =
CASE WHEN EXISTS 
(SELECT
FROM api.opportunity AS t353
WHERE t353.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t354 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t355.survivor_id, t354.steps + 1
FROM t354 JOIN api.forward t355 ON t355.loser_id = t354.survivor
WHERE t354.steps < 20) SELECT survivor
FROM t354
ORDER BY steps DESC LIMIT 1) END) WHEN 'contract' THEN 
(SELECT ('{"id":"' || (t356.id::text || '"}'))
FROM api.contract AS t356
WHERE t356.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contract AS t357
WHERE t357.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t358 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t359.survivor_id, t358.steps + 1
FROM t358 JOIN api.forward t359 ON t359.loser_id = t358.survivor
WHERE t358.steps < 20) SELECT survivor
FROM t358
ORDER BY steps DESC LIMIT 1) END) WHEN 'contract_line' THEN 
(SELECT ('{"id":"' || (t360.id::text || '"}'))
FROM api.contract_line AS t360
WHERE t360.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contract_line AS t361
WHERE t361.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t362 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t363.survivor_id, t362.steps + 1
FROM t362 JOIN api.forward t363 ON t363.loser_id = t362.survivor
WHERE t362.steps < 20) SELECT survivor
FROM t362
ORDER BY steps DESC LIMIT 1) END) WHEN 'rate_card' THEN 
(SELECT ('{"id":"' || (t364.id::text || '"}'))
FROM api.rate_card AS t364
WHERE t364.id =
CASE WHEN EXISTS 
(SELECT
FROM api.rate_card AS t365
WHERE t365.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t366 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t367.survivor_id, t366.steps + 1
FROM t366 JOIN api.forward t367 ON t367.loser_id = t366.survivor
WHERE t366.steps < 20) SELECT survivor
FROM t366
ORDER BY steps DESC LIMIT 1) END) WHEN 'rate_line' THEN 
(SELECT ('{"id":"' || (t368.id::text || '"}'))
FROM api.rate_line AS t368
WHERE t368.id =
CASE WHEN EXISTS 
(SELECT
FROM api.rate_line AS t369
WHERE t369.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t370 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t371.survivor_id, t370.steps + 1
FROM t370 JOIN api.forward t371 ON t371.loser_id = t370.survivor
WHERE t370.steps < 20) SELECT survivor
FROM t370
ORDER BY steps DESC LIMIT 1) END) WHEN 'client_purchase_order' THEN 
(SELECT ('{"id":"' || (t372.id::text || '"}'))
FROM api.client_purchase_order AS t372
WHERE t372.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client_purchase_order AS t373
WHERE t373.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t374 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t375.survivor_id, t374.steps + 1
FROM t374 JOIN api.forward t375 ON t375.loser_id = t374.survivor
WHERE t374.steps < 20) SELECT survivor
FROM t374
ORDER BY steps DESC LIMIT 1) END) WHEN 'engagement' THEN 
(SELECT ('{"id":"' || (t376.id::text || '"}'))
FROM api.engagement AS t376
WHERE t376.id =
CASE WHEN EXISTS 
(SELECT
FROM api.engagement AS t377
WHERE t377.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t378 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t379.survivor_id, t378.steps + 1
FROM t378 JOIN api.forward t379 ON t379.loser_id = t378.survivor
WHERE t378.steps < 20) SELECT survivor
FROM t378
ORDER BY steps DESC LIMIT 1) END) WHEN 'project_template' THEN 
(SELECT ('{"id":"' || (t380.id::text || '"}'))
FROM api.project_template AS t380
WHERE t380.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project_template AS t381
WHERE t381.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t382 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t383.survivor_id, t382.steps + 1
FROM t382 JOIN api.forward t383 ON t383.loser_id = t382.survivor
WHERE t382.steps < 20) SELECT survivor
FROM t382
ORDER BY steps DESC LIMIT 1) END) WHEN 'project' THEN 
(SELECT ('{"id":"' || (t384.id::text || '"}'))
FROM api.project AS t384
WHERE t384.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project AS t385
WHERE t385.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t386 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t387.survivor_id, t386.steps + 1
FROM t386 JOIN api.forward t387 ON t387.loser_id = t386.survivor
WHERE t386.steps < 20) SELECT survivor
FROM t386
ORDER BY steps DESC LIMIT 1) END) WHEN 'project_financials' THEN 
(SELECT ('{"id":"' || (t388.id::text || '"}'))
FROM api.project_financials AS t388
WHERE t388.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project_financials AS t389
WHERE t389.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t390 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t391.survivor_id, t390.steps + 1
FROM t390 JOIN api.forward t391 ON t391.loser_id = t390.survivor
WHERE t390.steps < 20) SELECT survivor
FROM t390
ORDER BY steps DESC LIMIT 1) END) WHEN 'task' THEN 
(SELECT ('{"id":"' || (t392.id::text || '"}'))
FROM api.task AS t392
WHERE t392.id =
CASE WHEN EXISTS 
(SELECT
FROM api.task AS t393
WHERE t393.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t394 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t395.survivor_id, t394.steps + 1
FROM t394 JOIN api.forward t395 ON t395.loser_id = t394.survivor
WHERE t394.steps < 20) SELECT survivor
FROM t394
ORDER BY steps DESC LIMIT 1) END) WHEN 'assignment' THEN 
(SELECT ('{"id":"' || (t396.id::text || '"}'))
FROM api.assignment AS t396
WHERE t396.id =
CASE WHEN EXISTS 
(SELECT
FROM api.assignment AS t397
WHERE t397.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t398 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t399.survivor_id, t398.steps + 1
FROM t398 JOIN api.forward t399 ON t399.loser_id = t398.survivor
WHERE t398.steps < 20) SELECT survivor
FROM t398
ORDER BY steps DESC LIMIT 1) END) WHEN 'contract_threshold' THEN 
(SELECT ('{"id":"' || (t400.id::text || '"}'))
FROM api.contract_threshold AS t400
WHERE t400.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contract_threshold AS t401
WHERE t401.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t402 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t403.survivor_id, t402.steps + 1
FROM t402 JOIN api.forward t403 ON t403.loser_id = t402.survivor
WHERE t402.steps < 20) SELECT survivor
FROM t402
ORDER BY steps DESC LIMIT 1) END) WHEN 'change_order' THEN 
(SELECT ('{"id":"' || (t404.id::text || '"}'))
FROM api.change_order AS t404
WHERE t404.id =
CASE WHEN EXISTS 
(SELECT
FROM api.change_order AS t405
WHERE t405.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t406 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t407.survivor_id, t406.steps + 1
FROM t406 JOIN api.forward t407 ON t407.loser_id = t406.survivor
WHERE t406.steps < 20) SELECT survivor
FROM t406
ORDER BY steps DESC LIMIT 1) END) WHEN 'time_entry' THEN 
(SELECT ('{"id":"' || (t408.id::text || '"}'))
FROM api.time_entry AS t408
WHERE t408.id =
CASE WHEN EXISTS 
(SELECT
FROM api.time_entry AS t409
WHERE t409.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t410 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t411.survivor_id, t410.steps + 1
FROM t410 JOIN api.forward t411 ON t411.loser_id = t410.survivor
WHERE t410.steps < 20) SELECT survivor
FROM t410
ORDER BY steps DESC LIMIT 1) END) WHEN 'expense_report' THEN 
(SELECT ('{"id":"' || (t412.id::text || '"}'))
FROM api.expense_report AS t412
WHERE t412.id =
CASE WHEN EXISTS 
(SELECT
FROM api.expense_report AS t413
WHERE t413.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t414 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t415.survivor_id, t414.steps + 1
FROM t414 JOIN api.forward t415 ON t415.loser_id = t414.survivor
WHERE t414.steps < 20) SELECT survivor
FROM t414
ORDER BY steps DESC LIMIT 1) END) WHEN 'expense' THEN 
(SELECT ('{"id":"' || (t416.id::text || '"}'))
FROM api.expense AS t416
WHERE t416.id =
CASE WHEN EXISTS 
(SELECT
FROM api.expense AS t417
WHERE t417.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t418 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t419.survivor_id, t418.steps + 1
FROM t418 JOIN api.forward t419 ON t419.loser_id = t418.survivor
WHERE t418.steps < 20) SELECT survivor
FROM t418
ORDER BY steps DESC LIMIT 1) END) WHEN 'milestone' THEN 
(SELECT ('{"id":"' || (t420.id::text || '"}'))
FROM api.milestone AS t420
WHERE t420.id =
CASE WHEN EXISTS 
(SELECT
FROM api.milestone AS t421
WHERE t421.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t422 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t423.survivor_id, t422.steps + 1
FROM t422 JOIN api.forward t423 ON t423.loser_id = t422.survivor
WHERE t422.steps < 20) SELECT survivor
FROM t422
ORDER BY steps DESC LIMIT 1) END) WHEN 'purchase_order' THEN 
(SELECT ('{"id":"' || (t424.id::text || '"}'))
FROM api.purchase_order AS t424
WHERE t424.id =
CASE WHEN EXISTS 
(SELECT
FROM api.purchase_order AS t425
WHERE t425.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t426 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t427.survivor_id, t426.steps + 1
FROM t426 JOIN api.forward t427 ON t427.loser_id = t426.survivor
WHERE t426.steps < 20) SELECT survivor
FROM t426
ORDER BY steps DESC LIMIT 1) END) WHEN 'purchase_order_line' THEN 
(SELECT ('{"id":"' || (t428.id::text || '"}'))
FROM api.purchase_order_line AS t428
WHERE t428.id =
CASE WHEN EXISTS 
(SELECT
FROM api.purchase_order_line AS t429
WHERE t429.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t430 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t431.survivor_id, t430.steps + 1
FROM t430 JOIN api.forward t431 ON t431.loser_id = t430.survivor
WHERE t430.steps < 20) SELECT survivor
FROM t430
ORDER BY steps DESC LIMIT 1) END) WHEN 'cost_item' THEN 
(SELECT ('{"id":"' || (t432.id::text || '"}'))
FROM api.cost_item AS t432
WHERE t432.id =
CASE WHEN EXISTS 
(SELECT
FROM api.cost_item AS t433
WHERE t433.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t434 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t435.survivor_id, t434.steps + 1
FROM t434 JOIN api.forward t435 ON t435.loser_id = t434.survivor
WHERE t434.steps < 20) SELECT survivor
FROM t434
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_schedule' THEN 
(SELECT ('{"id":"' || (t436.id::text || '"}'))
FROM api.billing_schedule AS t436
WHERE t436.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_schedule AS t437
WHERE t437.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t438 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t439.survivor_id, t438.steps + 1
FROM t438 JOIN api.forward t439 ON t439.loser_id = t438.survivor
WHERE t438.steps < 20) SELECT survivor
FROM t438
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_schedule_line' THEN 
(SELECT ('{"id":"' || (t440.id::text || '"}'))
FROM api.billing_schedule_line AS t440
WHERE t440.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_schedule_line AS t441
WHERE t441.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t442 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t443.survivor_id, t442.steps + 1
FROM t442 JOIN api.forward t443 ON t443.loser_id = t442.survivor
WHERE t442.steps < 20) SELECT survivor
FROM t442
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_hold' THEN 
(SELECT ('{"id":"' || (t444.id::text || '"}'))
FROM api.billing_hold AS t444
WHERE t444.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_hold AS t445
WHERE t445.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t446 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t447.survivor_id, t446.steps + 1
FROM t446 JOIN api.forward t447 ON t447.loser_id = t446.survivor
WHERE t446.steps < 20) SELECT survivor
FROM t446
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_batch' THEN 
(SELECT ('{"id":"' || (t448.id::text || '"}'))
FROM api.billing_batch AS t448
WHERE t448.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_batch AS t449
WHERE t449.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t450 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t451.survivor_id, t450.steps + 1
FROM t450 JOIN api.forward t451 ON t451.loser_id = t450.survivor
WHERE t450.steps < 20) SELECT survivor
FROM t450
ORDER BY steps DESC LIMIT 1) END) WHEN 'billable_item' THEN 
(SELECT ('{"id":"' || (t452.id::text || '"}'))
FROM api.billable_item AS t452
WHERE t452.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billable_item AS t453
WHERE t453.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t454 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t455.survivor_id, t454.steps + 1
FROM t454 JOIN api.forward t455 ON t455.loser_id = t454.survivor
WHERE t454.steps < 20) SELECT survivor
FROM t454
ORDER BY steps DESC LIMIT 1) END) WHEN 'invoice' THEN 
(SELECT ('{"id":"' || (t456.id::text || '"}'))
FROM api.invoice AS t456
WHERE t456.id =
CASE WHEN EXISTS 
(SELECT
FROM api.invoice AS t457
WHERE t457.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t458 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t459.survivor_id, t458.steps + 1
FROM t458 JOIN api.forward t459 ON t459.loser_id = t458.survivor
WHERE t458.steps < 20) SELECT survivor
FROM t458
ORDER BY steps DESC LIMIT 1) END) WHEN 'credit_memo' THEN 
(SELECT ('{"id":"' || (t460.id::text || '"}'))
FROM api.credit_memo AS t460
WHERE t460.id =
CASE WHEN EXISTS 
(SELECT
FROM api.credit_memo AS t461
WHERE t461.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t462 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t463.survivor_id, t462.steps + 1
FROM t462 JOIN api.forward t463 ON t463.loser_id = t462.survivor
WHERE t462.steps < 20) SELECT survivor
FROM t462
ORDER BY steps DESC LIMIT 1) END) WHEN 'invoice_line' THEN 
(SELECT ('{"id":"' || (t464.id::text || '"}'))
FROM api.invoice_line AS t464
WHERE t464.id =
CASE WHEN EXISTS 
(SELECT
FROM api.invoice_line AS t465
WHERE t465.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t466 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t467.survivor_id, t466.steps + 1
FROM t466 JOIN api.forward t467 ON t467.loser_id = t466.survivor
WHERE t466.steps < 20) SELECT survivor
FROM t466
ORDER BY steps DESC LIMIT 1) END) WHEN 'payment' THEN 
(SELECT ('{"id":"' || (t468.id::text || '"}'))
FROM api.payment AS t468
WHERE t468.id =
CASE WHEN EXISTS 
(SELECT
FROM api.payment AS t469
WHERE t469.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t470 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t471.survivor_id, t470.steps + 1
FROM t470 JOIN api.forward t471 ON t471.loser_id = t470.survivor
WHERE t470.steps < 20) SELECT survivor
FROM t470
ORDER BY steps DESC LIMIT 1) END) WHEN 'payment_application' THEN 
(SELECT ('{"id":"' || (t472.id::text || '"}'))
FROM api.payment_application AS t472
WHERE t472.id =
CASE WHEN EXISTS 
(SELECT
FROM api.payment_application AS t473
WHERE t473.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t474 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t475.survivor_id, t474.steps + 1
FROM t474 JOIN api.forward t475 ON t475.loser_id = t474.survivor
WHERE t474.steps < 20) SELECT survivor
FROM t474
ORDER BY steps DESC LIMIT 1) END) WHEN 'collection_case' THEN 
(SELECT ('{"id":"' || (t476.id::text || '"}'))
FROM api.collection_case AS t476
WHERE t476.id =
CASE WHEN EXISTS 
(SELECT
FROM api.collection_case AS t477
WHERE t477.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t478 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t479.survivor_id, t478.steps + 1
FROM t478 JOIN api.forward t479 ON t479.loser_id = t478.survivor
WHERE t478.steps < 20) SELECT survivor
FROM t478
ORDER BY steps DESC LIMIT 1) END) WHEN 'posting' THEN 
(SELECT ('{"id":"' || (t480.id::text || '"}'))
FROM api.posting AS t480
WHERE t480.id =
CASE WHEN EXISTS 
(SELECT
FROM api.posting AS t481
WHERE t481.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t482 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t483.survivor_id, t482.steps + 1
FROM t482 JOIN api.forward t483 ON t483.loser_id = t482.survivor
WHERE t482.steps < 20) SELECT survivor
FROM t482
ORDER BY steps DESC LIMIT 1) END) WHEN 'posting_line' THEN 
(SELECT ('{"id":"' || (t484.id::text || '"}'))
FROM api.posting_line AS t484
WHERE t484.id =
CASE WHEN EXISTS 
(SELECT
FROM api.posting_line AS t485
WHERE t485.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t486 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t487.survivor_id, t486.steps + 1
FROM t486 JOIN api.forward t487 ON t487.loser_id = t486.survivor
WHERE t486.steps < 20) SELECT survivor
FROM t486
ORDER BY steps DESC LIMIT 1) END) WHEN 'revenue_schedule' THEN 
(SELECT ('{"id":"' || (t488.id::text || '"}'))
FROM api.revenue_schedule AS t488
WHERE t488.id =
CASE WHEN EXISTS 
(SELECT
FROM api.revenue_schedule AS t489
WHERE t489.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t490 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t491.survivor_id, t490.steps + 1
FROM t490 JOIN api.forward t491 ON t491.loser_id = t490.survivor
WHERE t490.steps < 20) SELECT survivor
FROM t490
ORDER BY steps DESC LIMIT 1) END) WHEN 'revenue_schedule_line' THEN 
(SELECT ('{"id":"' || (t492.id::text || '"}'))
FROM api.revenue_schedule_line AS t492
WHERE t492.id =
CASE WHEN EXISTS 
(SELECT
FROM api.revenue_schedule_line AS t493
WHERE t493.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t494 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t495.survivor_id, t494.steps + 1
FROM t494 JOIN api.forward t495 ON t495.loser_id = t494.survivor
WHERE t494.steps < 20) SELECT survivor
FROM t494
ORDER BY steps DESC LIMIT 1) END) WHEN 'revenue_event' THEN 
(SELECT ('{"id":"' || (t496.id::text || '"}'))
FROM api.revenue_event AS t496
WHERE t496.id =
CASE WHEN EXISTS 
(SELECT
FROM api.revenue_event AS t497
WHERE t497.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t498 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t499.survivor_id, t498.steps + 1
FROM t498 JOIN api.forward t499 ON t499.loser_id = t498.survivor
WHERE t498.steps < 20) SELECT survivor
FROM t498
ORDER BY steps DESC LIMIT 1) END) WHEN 'wip_balance' THEN 
(SELECT ('{"id":"' || (t500.id::text || '"}'))
FROM api.wip_balance AS t500
WHERE t500.id =
CASE WHEN EXISTS 
(SELECT
FROM api.wip_balance AS t501
WHERE t501.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t502 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t503.survivor_id, t502.steps + 1
FROM t502 JOIN api.forward t503 ON t503.loser_id = t502.survivor
WHERE t502.steps < 20) SELECT survivor
FROM t502
ORDER BY steps DESC LIMIT 1) END) WHEN 'forecast' THEN 
(SELECT ('{"id":"' || (t504.id::text || '"}'))
FROM api.forecast AS t504
WHERE t504.id =
CASE WHEN EXISTS 
(SELECT
FROM api.forecast AS t505
WHERE t505.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t506 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t507.survivor_id, t506.steps + 1
FROM t506 JOIN api.forward t507 ON t507.loser_id = t506.survivor
WHERE t506.steps < 20) SELECT survivor
FROM t506
ORDER BY steps DESC LIMIT 1) END) WHEN 'forecast_line' THEN 
(SELECT ('{"id":"' || (t508.id::text || '"}'))
FROM api.forecast_line AS t508
WHERE t508.id =
CASE WHEN EXISTS 
(SELECT
FROM api.forecast_line AS t509
WHERE t509.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t510 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t511.survivor_id, t510.steps + 1
FROM t510 JOIN api.forward t511 ON t511.loser_id = t510.survivor
WHERE t510.steps < 20) SELECT survivor
FROM t510
ORDER BY steps DESC LIMIT 1) END) WHEN 'project_actuals' THEN 
(SELECT ('{"id":"' || (t512.id::text || '"}'))
FROM api.project_actuals AS t512
WHERE t512.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project_actuals AS t513
WHERE t513.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t514 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t515.survivor_id, t514.steps + 1
FROM t514 JOIN api.forward t515 ON t515.loser_id = t514.survivor
WHERE t514.steps < 20) SELECT survivor
FROM t514
ORDER BY steps DESC LIMIT 1) END) WHEN 'utilisation_snapshot' THEN 
(SELECT ('{"id":"' || (t516.id::text || '"}'))
FROM api.utilisation_snapshot AS t516
WHERE t516.id =
CASE WHEN EXISTS 
(SELECT
FROM api.utilisation_snapshot AS t517
WHERE t517.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t518 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t519.survivor_id, t518.steps + 1
FROM t518 JOIN api.forward t519 ON t519.loser_id = t518.survivor
WHERE t518.steps < 20) SELECT survivor
FROM t518
ORDER BY steps DESC LIMIT 1) END) WHEN 'profitability_snapshot' THEN 
(SELECT ('{"id":"' || (t520.id::text || '"}'))
FROM api.profitability_snapshot AS t520
WHERE t520.id =
CASE WHEN EXISTS 
(SELECT
FROM api.profitability_snapshot AS t521
WHERE t521.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t522 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $2::uuid
UNION ALL SELECT t523.survivor_id, t522.steps + 1
FROM t522 JOIN api.forward t523 ON t523.loser_id = t522.survivor
WHERE t522.steps < 20) SELECT survivor
FROM t522
ORDER BY steps DESC LIMIT 1) END) END, 'null'), 'UTF8'), convert_to(coalesce(CASE 
(SELECT t524.entity
FROM api.change t524
WHERE t524.golden_id = $3::uuid
ORDER BY t524.version LIMIT 1) WHEN 'currency' THEN 
(SELECT ('{"id":"' || (t525.id::text || '"}'))
FROM api.currency AS t525
WHERE t525.id =
CASE WHEN EXISTS 
(SELECT
FROM api.currency AS t526
WHERE t526.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t527 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t528.survivor_id, t527.steps + 1
FROM t527 JOIN api.forward t528 ON t528.loser_id = t527.survivor
WHERE t527.steps < 20) SELECT survivor
FROM t527
ORDER BY steps DESC LIMIT 1) END) WHEN 'fiscal_calendar' THEN 
(SELECT ('{"id":"' || (t529.id::text || '"}'))
FROM api.fiscal_calendar AS t529
WHERE t529.id =
CASE WHEN EXISTS 
(SELECT
FROM api.fiscal_calendar AS t530
WHERE t530.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t531 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t532.survivor_id, t531.steps + 1
FROM t531 JOIN api.forward t532 ON t532.loser_id = t531.survivor
WHERE t531.steps < 20) SELECT survivor
FROM t531
ORDER BY steps DESC LIMIT 1) END) WHEN 'legal_entity' THEN 
(SELECT ('{"id":"' || (t533.id::text || '"}'))
FROM api.legal_entity AS t533
WHERE t533.id =
CASE WHEN EXISTS 
(SELECT
FROM api.legal_entity AS t534
WHERE t534.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t535 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t536.survivor_id, t535.steps + 1
FROM t535 JOIN api.forward t536 ON t536.loser_id = t535.survivor
WHERE t535.steps < 20) SELECT survivor
FROM t535
ORDER BY steps DESC LIMIT 1) END) WHEN 'region' THEN 
(SELECT ('{"id":"' || (t537.id::text || '"}'))
FROM api.region AS t537
WHERE t537.id =
CASE WHEN EXISTS 
(SELECT
FROM api.region AS t538
WHERE t538.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t539 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t540.survivor_id, t539.steps + 1
FROM t539 JOIN api.forward t540 ON t540.loser_id = t539.survivor
WHERE t539.steps < 20) SELECT survivor
FROM t539
ORDER BY steps DESC LIMIT 1) END) WHEN 'regional_policy' THEN 
(SELECT ('{"id":"' || (t541.id::text || '"}'))
FROM api.regional_policy AS t541
WHERE t541.id =
CASE WHEN EXISTS 
(SELECT
FROM api.regional_policy AS t542
WHERE t542.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t543 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t544.survivor_id, t543.steps + 1
FROM t543 JOIN api.forward t544 ON t544.loser_id = t543.survivor
WHERE t543.steps < 20) SELECT survivor
FROM t543
ORDER BY steps DESC LIMIT 1) END) WHEN 'cost_centre' THEN 
(SELECT ('{"id":"' || (t545.id::text || '"}'))
FROM api.cost_centre AS t545
WHERE t545.id =
CASE WHEN EXISTS 
(SELECT
FROM api.cost_centre AS t546
WHERE t546.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t547 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t548.survivor_id, t547.steps + 1
FROM t547 JOIN api.forward t548 ON t548.loser_id = t547.survivor
WHERE t547.steps < 20) SELECT survivor
FROM t547
ORDER BY steps DESC LIMIT 1) END) WHEN 'ledger_account' THEN 
(SELECT ('{"id":"' || (t549.id::text || '"}'))
FROM api.ledger_account AS t549
WHERE t549.id =
CASE WHEN EXISTS 
(SELECT
FROM api.ledger_account AS t550
WHERE t550.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t551 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t552.survivor_id, t551.steps + 1
FROM t551 JOIN api.forward t552 ON t552.loser_id = t551.survivor
WHERE t551.steps < 20) SELECT survivor
FROM t551
ORDER BY steps DESC LIMIT 1) END) WHEN 'service_line' THEN 
(SELECT ('{"id":"' || (t553.id::text || '"}'))
FROM api.service_line AS t553
WHERE t553.id =
CASE WHEN EXISTS 
(SELECT
FROM api.service_line AS t554
WHERE t554.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t555 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t556.survivor_id, t555.steps + 1
FROM t555 JOIN api.forward t556 ON t556.loser_id = t555.survivor
WHERE t555.steps < 20) SELECT survivor
FROM t555
ORDER BY steps DESC LIMIT 1) END) WHEN 'service_item' THEN 
(SELECT ('{"id":"' || (t557.id::text || '"}'))
FROM api.service_item AS t557
WHERE t557.id =
CASE WHEN EXISTS 
(SELECT
FROM api.service_item AS t558
WHERE t558.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t559 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t560.survivor_id, t559.steps + 1
FROM t559 JOIN api.forward t560 ON t560.loser_id = t559.survivor
WHERE t559.steps < 20) SELECT survivor
FROM t559
ORDER BY steps DESC LIMIT 1) END) WHEN 'account_map' THEN 
(SELECT ('{"id":"' || (t561.id::text || '"}'))
FROM api.account_map AS t561
WHERE t561.id =
CASE WHEN EXISTS 
(SELECT
FROM api.account_map AS t562
WHERE t562.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t563 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t564.survivor_id, t563.steps + 1
FROM t563 JOIN api.forward t564 ON t564.loser_id = t563.survivor
WHERE t563.steps < 20) SELECT survivor
FROM t563
ORDER BY steps DESC LIMIT 1) END) WHEN 'tax_code' THEN 
(SELECT ('{"id":"' || (t565.id::text || '"}'))
FROM api.tax_code AS t565
WHERE t565.id =
CASE WHEN EXISTS 
(SELECT
FROM api.tax_code AS t566
WHERE t566.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t567 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t568.survivor_id, t567.steps + 1
FROM t567 JOIN api.forward t568 ON t568.loser_id = t567.survivor
WHERE t567.steps < 20) SELECT survivor
FROM t567
ORDER BY steps DESC LIMIT 1) END) WHEN 'tax_rule' THEN 
(SELECT ('{"id":"' || (t569.id::text || '"}'))
FROM api.tax_rule AS t569
WHERE t569.id =
CASE WHEN EXISTS 
(SELECT
FROM api.tax_rule AS t570
WHERE t570.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t571 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t572.survivor_id, t571.steps + 1
FROM t571 JOIN api.forward t572 ON t572.loser_id = t571.survivor
WHERE t571.steps < 20) SELECT survivor
FROM t571
ORDER BY steps DESC LIMIT 1) END) WHEN 'exchange_rate' THEN 
(SELECT ('{"id":"' || (t573.id::text || '"}'))
FROM api.exchange_rate AS t573
WHERE t573.id =
CASE WHEN EXISTS 
(SELECT
FROM api.exchange_rate AS t574
WHERE t574.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t575 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t576.survivor_id, t575.steps + 1
FROM t575 JOIN api.forward t576 ON t576.loser_id = t575.survivor
WHERE t575.steps < 20) SELECT survivor
FROM t575
ORDER BY steps DESC LIMIT 1) END) WHEN 'accounting_period' THEN 
(SELECT ('{"id":"' || (t577.id::text || '"}'))
FROM api.accounting_period AS t577
WHERE t577.id =
CASE WHEN EXISTS 
(SELECT
FROM api.accounting_period AS t578
WHERE t578.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t579 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t580.survivor_id, t579.steps + 1
FROM t579 JOIN api.forward t580 ON t580.loser_id = t579.survivor
WHERE t579.steps < 20) SELECT survivor
FROM t579
ORDER BY steps DESC LIMIT 1) END) WHEN 'interface_entry' THEN 
(SELECT ('{"id":"' || (t581.id::text || '"}'))
FROM api.interface_entry AS t581
WHERE t581.id =
CASE WHEN EXISTS 
(SELECT
FROM api.interface_entry AS t582
WHERE t582.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t583 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t584.survivor_id, t583.steps + 1
FROM t583 JOIN api.forward t584 ON t584.loser_id = t583.survivor
WHERE t583.steps < 20) SELECT survivor
FROM t583
ORDER BY steps DESC LIMIT 1) END) WHEN 'vendor' THEN 
(SELECT ('{"id":"' || (t585.id::text || '"}'))
FROM api.vendor AS t585
WHERE t585.id =
CASE WHEN EXISTS 
(SELECT
FROM api.vendor AS t586
WHERE t586.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t587 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t588.survivor_id, t587.steps + 1
FROM t587 JOIN api.forward t588 ON t588.loser_id = t587.survivor
WHERE t587.steps < 20) SELECT survivor
FROM t587
ORDER BY steps DESC LIMIT 1) END) WHEN 'resource' THEN 
(SELECT ('{"id":"' || (t589.id::text || '"}'))
FROM api.resource AS t589
WHERE t589.id =
CASE WHEN EXISTS 
(SELECT
FROM api.resource AS t590
WHERE t590.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t591 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t592.survivor_id, t591.steps + 1
FROM t591 JOIN api.forward t592 ON t592.loser_id = t591.survivor
WHERE t591.steps < 20) SELECT survivor
FROM t591
ORDER BY steps DESC LIMIT 1) END) WHEN 'client' THEN 
(SELECT ('{"id":"' || (t593.id::text || '"}'))
FROM api.client AS t593
WHERE t593.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client AS t594
WHERE t594.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t595 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t596.survivor_id, t595.steps + 1
FROM t595 JOIN api.forward t596 ON t596.loser_id = t595.survivor
WHERE t595.steps < 20) SELECT survivor
FROM t595
ORDER BY steps DESC LIMIT 1) END) WHEN 'client_site' THEN 
(SELECT ('{"id":"' || (t597.id::text || '"}'))
FROM api.client_site AS t597
WHERE t597.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client_site AS t598
WHERE t598.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t599 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t600.survivor_id, t599.steps + 1
FROM t599 JOIN api.forward t600 ON t600.loser_id = t599.survivor
WHERE t599.steps < 20) SELECT survivor
FROM t599
ORDER BY steps DESC LIMIT 1) END) WHEN 'contact' THEN 
(SELECT ('{"id":"' || (t601.id::text || '"}'))
FROM api.contact AS t601
WHERE t601.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contact AS t602
WHERE t602.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t603 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t604.survivor_id, t603.steps + 1
FROM t603 JOIN api.forward t604 ON t604.loser_id = t603.survivor
WHERE t603.steps < 20) SELECT survivor
FROM t603
ORDER BY steps DESC LIMIT 1) END) WHEN 'client_relationship' THEN 
(SELECT ('{"id":"' || (t605.id::text || '"}'))
FROM api.client_relationship AS t605
WHERE t605.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client_relationship AS t606
WHERE t606.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t607 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t608.survivor_id, t607.steps + 1
FROM t607 JOIN api.forward t608 ON t608.loser_id = t607.survivor
WHERE t607.steps < 20) SELECT survivor
FROM t607
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_account' THEN 
(SELECT ('{"id":"' || (t609.id::text || '"}'))
FROM api.billing_account AS t609
WHERE t609.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_account AS t610
WHERE t610.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t611 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t612.survivor_id, t611.steps + 1
FROM t611 JOIN api.forward t612 ON t612.loser_id = t611.survivor
WHERE t611.steps < 20) SELECT survivor
FROM t611
ORDER BY steps DESC LIMIT 1) END) WHEN 'opportunity' THEN 
(SELECT ('{"id":"' || (t613.id::text || '"}'))
FROM api.opportunity AS t613
WHERE t613.id =
CASE WHEN EXISTS 
(SELECT
FROM api.opportunity AS t614
WHERE t614.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t615 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t616.survivor_id, t615.steps + 1
FROM t615 JOIN api.forward t616 ON t616.loser_id = t615.survivor
WHERE t615.steps < 20) SELECT survivor
FROM t615
ORDER BY steps DESC LIMIT 1) END) WHEN 'contract' THEN 
(SELECT ('{"id":"' || (t617.id::text || '"}'))
FROM api.contract AS t617
WHERE t617.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contract AS t618
WHERE t618.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t619 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t620.survivor_id, t619.steps + 1
FROM t619 JOIN api.forward t620 ON t620.loser_id = t619.survivor
WHERE t619.steps < 20) SELECT survivor
FROM t619
ORDER BY steps DESC LIMIT 1) END) WHEN 'contract_line' THEN 
(SELECT ('{"id":"' || (t621.id::text || '"}'))
FROM api.contract_line AS t621
WHERE t621.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contract_line AS t622
WHERE t622.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t623 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t624.survivor_id, t623.steps + 1
FROM t623 JOIN api.forward t624 ON t624.loser_id = t623.survivor
WHERE t623.steps < 20) SELECT survivor
FROM t623
ORDER BY steps DESC LIMIT 1) END) WHEN 'rate_card' THEN 
(SELECT ('{"id":"' || (t625.id::text || '"}'))
FROM api.rate_card AS t625
WHERE t625.id =
CASE WHEN EXISTS 
(SELECT
FROM api.rate_card AS t626
WHERE t626.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t627 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t628.survivor_id, t627.steps + 1
FROM t627 JOIN api.forward t628 ON t628.loser_id = t627.survivor
WHERE t627.steps < 20) SELECT survivor
FROM t627
ORDER BY steps DESC LIMIT 1) END) WHEN 'rate_line' THEN 
(SELECT ('{"id":"' || (t629.id::text || '"}'))
FROM api.rate_line AS t629
WHERE t629.id =
CASE WHEN EXISTS 
(SELECT
FROM api.rate_line AS t630
WHERE t630.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t631 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t632.survivor_id, t631.steps + 1
FROM t631 JOIN api.forward t632 ON t632.loser_id = t631.survivor
WHERE t631.steps < 20) SELECT survivor
FROM t631
ORDER BY steps DESC LIMIT 1) END) WHEN 'client_purchase_order' THEN 
(SELECT ('{"id":"' || (t633.id::text || '"}'))
FROM api.client_purchase_order AS t633
WHERE t633.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client_purchase_order AS t634
WHERE t634.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t635 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t636.survivor_id, t635.steps + 1
FROM t635 JOIN api.forward t636 ON t636.loser_id = t635.survivor
WHERE t635.steps < 20) SELECT survivor
FROM t635
ORDER BY steps DESC LIMIT 1) END) WHEN 'engagement' THEN 
(SELECT ('{"id":"' || (t637.id::text || '"}'))
FROM api.engagement AS t637
WHERE t637.id =
CASE WHEN EXISTS 
(SELECT
FROM api.engagement AS t638
WHERE t638.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t639 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t640.survivor_id, t639.steps + 1
FROM t639 JOIN api.forward t640 ON t640.loser_id = t639.survivor
WHERE t639.steps < 20) SELECT survivor
FROM t639
ORDER BY steps DESC LIMIT 1) END) WHEN 'project_template' THEN 
(SELECT ('{"id":"' || (t641.id::text || '"}'))
FROM api.project_template AS t641
WHERE t641.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project_template AS t642
WHERE t642.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t643 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t644.survivor_id, t643.steps + 1
FROM t643 JOIN api.forward t644 ON t644.loser_id = t643.survivor
WHERE t643.steps < 20) SELECT survivor
FROM t643
ORDER BY steps DESC LIMIT 1) END) WHEN 'project' THEN 
(SELECT ('{"id":"' || (t645.id::text || '"}'))
FROM api.project AS t645
WHERE t645.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project AS t646
WHERE t646.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t647 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t648.survivor_id, t647.steps + 1
FROM t647 JOIN api.forward t648 ON t648.loser_id = t647.survivor
WHERE t647.steps < 20) SELECT survivor
FROM t647
ORDER BY steps DESC LIMIT 1) END) WHEN 'project_financials' THEN 
(SELECT ('{"id":"' || (t649.id::text || '"}'))
FROM api.project_financials AS t649
WHERE t649.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project_financials AS t650
WHERE t650.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t651 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t652.survivor_id, t651.steps + 1
FROM t651 JOIN api.forward t652 ON t652.loser_id = t651.survivor
WHERE t651.steps < 20) SELECT survivor
FROM t651
ORDER BY steps DESC LIMIT 1) END) WHEN 'task' THEN 
(SELECT ('{"id":"' || (t653.id::text || '"}'))
FROM api.task AS t653
WHERE t653.id =
CASE WHEN EXISTS 
(SELECT
FROM api.task AS t654
WHERE t654.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t655 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t656.survivor_id, t655.steps + 1
FROM t655 JOIN api.forward t656 ON t656.loser_id = t655.survivor
WHERE t655.steps < 20) SELECT survivor
FROM t655
ORDER BY steps DESC LIMIT 1) END) WHEN 'assignment' THEN 
(SELECT ('{"id":"' || (t657.id::text || '"}'))
FROM api.assignment AS t657
WHERE t657.id =
CASE WHEN EXISTS 
(SELECT
FROM api.assignment AS t658
WHERE t658.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t659 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t660.survivor_id, t659.steps + 1
FROM t659 JOIN api.forward t660 ON t660.loser_id = t659.survivor
WHERE t659.steps < 20) SELECT survivor
FROM t659
ORDER BY steps DESC LIMIT 1) END) WHEN 'contract_threshold' THEN 
(SELECT ('{"id":"' || (t661.id::text || '"}'))
FROM api.contract_threshold AS t661
WHERE t661.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contract_threshold AS t662
WHERE t662.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t663 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t664.survivor_id, t663.steps + 1
FROM t663 JOIN api.forward t664 ON t664.loser_id = t663.survivor
WHERE t663.steps < 20) SELECT survivor
FROM t663
ORDER BY steps DESC LIMIT 1) END) WHEN 'change_order' THEN 
(SELECT ('{"id":"' || (t665.id::text || '"}'))
FROM api.change_order AS t665
WHERE t665.id =
CASE WHEN EXISTS 
(SELECT
FROM api.change_order AS t666
WHERE t666.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t667 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t668.survivor_id, t667.steps + 1
FROM t667 JOIN api.forward t668 ON t668.loser_id = t667.survivor
WHERE t667.steps < 20) SELECT survivor
FROM t667
ORDER BY steps DESC LIMIT 1) END) WHEN 'time_entry' THEN 
(SELECT ('{"id":"' || (t669.id::text || '"}'))
FROM api.time_entry AS t669
WHERE t669.id =
CASE WHEN EXISTS 
(SELECT
FROM api.time_entry AS t670
WHERE t670.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t671 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t672.survivor_id, t671.steps + 1
FROM t671 JOIN api.forward t672 ON t672.loser_id = t671.survivor
WHERE t671.steps < 20) SELECT survivor
FROM t671
ORDER BY steps DESC LIMIT 1) END) WHEN 'expense_report' THEN 
(SELECT ('{"id":"' || (t673.id::text || '"}'))
FROM api.expense_report AS t673
WHERE t673.id =
CASE WHEN EXISTS 
(SELECT
FROM api.expense_report AS t674
WHERE t674.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t675 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t676.survivor_id, t675.steps + 1
FROM t675 JOIN api.forward t676 ON t676.loser_id = t675.survivor
WHERE t675.steps < 20) SELECT survivor
FROM t675
ORDER BY steps DESC LIMIT 1) END) WHEN 'expense' THEN 
(SELECT ('{"id":"' || (t677.id::text || '"}'))
FROM api.expense AS t677
WHERE t677.id =
CASE WHEN EXISTS 
(SELECT
FROM api.expense AS t678
WHERE t678.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t679 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t680.survivor_id, t679.steps + 1
FROM t679 JOIN api.forward t680 ON t680.loser_id = t679.survivor
WHERE t679.steps < 20) SELECT survivor
FROM t679
ORDER BY steps DESC LIMIT 1) END) WHEN 'milestone' THEN 
(SELECT ('{"id":"' || (t681.id::text || '"}'))
FROM api.milestone AS t681
WHERE t681.id =
CASE WHEN EXISTS 
(SELECT
FROM api.milestone AS t682
WHERE t682.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t683 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t684.survivor_id, t683.steps + 1
FROM t683 JOIN api.forward t684 ON t684.loser_id = t683.survivor
WHERE t683.steps < 20) SELECT survivor
FROM t683
ORDER BY steps DESC LIMIT 1) END) WHEN 'purchase_order' THEN 
(SELECT ('{"id":"' || (t685.id::text || '"}'))
FROM api.purchase_order AS t685
WHERE t685.id =
CASE WHEN EXISTS 
(SELECT
FROM api.purchase_order AS t686
WHERE t686.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t687 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t688.survivor_id, t687.steps + 1
FROM t687 JOIN api.forward t688 ON t688.loser_id = t687.survivor
WHERE t687.steps < 20) SELECT survivor
FROM t687
ORDER BY steps DESC LIMIT 1) END) WHEN 'purchase_order_line' THEN 
(SELECT ('{"id":"' || (t689.id::text || '"}'))
FROM api.purchase_order_line AS t689
WHERE t689.id =
CASE WHEN EXISTS 
(SELECT
FROM api.purchase_order_line AS t690
WHERE t690.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t691 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t692.survivor_id, t691.steps + 1
FROM t691 JOIN api.forward t692 ON t692.loser_id = t691.survivor
WHERE t691.steps < 20) SELECT survivor
FROM t691
ORDER BY steps DESC LIMIT 1) END) WHEN 'cost_item' THEN 
(SELECT ('{"id":"' || (t693.id::text || '"}'))
FROM api.cost_item AS t693
WHERE t693.id =
CASE WHEN EXISTS 
(SELECT
FROM api.cost_item AS t694
WHERE t694.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t695 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t696.survivor_id, t695.steps + 1
FROM t695 JOIN api.forward t696 ON t696.loser_id = t695.survivor
WHERE t695.steps < 20) SELECT survivor
FROM t695
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_schedule' THEN 
(SELECT ('{"id":"' || (t697.id::text || '"}'))
FROM api.billing_schedule AS t697
WHERE t697.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_schedule AS t698
WHERE t698.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t699 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t700.survivor_id, t699.steps + 1
FROM t699 JOIN api.forward t700 ON t700.loser_id = t699.survivor
WHERE t699.steps < 20) SELECT survivor
FROM t699
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_schedule_line' THEN 
(SELECT ('{"id":"' || (t701.id::text || '"}'))
FROM api.billing_schedule_line AS t701
WHERE t701.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_schedule_line AS t702
WHERE t702.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t703 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t704.survivor_id, t703.steps + 1
FROM t703 JOIN api.forward t704 ON t704.loser_id = t703.survivor
WHERE t703.steps < 20) SELECT survivor
FROM t703
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_hold' THEN 
(SELECT ('{"id":"' || (t705.id::text || '"}'))
FROM api.billing_hold AS t705
WHERE t705.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_hold AS t706
WHERE t706.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t707 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t708.survivor_id, t707.steps + 1
FROM t707 JOIN api.forward t708 ON t708.loser_id = t707.survivor
WHERE t707.steps < 20) SELECT survivor
FROM t707
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_batch' THEN 
(SELECT ('{"id":"' || (t709.id::text || '"}'))
FROM api.billing_batch AS t709
WHERE t709.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_batch AS t710
WHERE t710.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t711 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t712.survivor_id, t711.steps + 1
FROM t711 JOIN api.forward t712 ON t712.loser_id = t711.survivor
WHERE t711.steps < 20) SELECT survivor
FROM t711
ORDER BY steps DESC LIMIT 1) END) WHEN 'billable_item' THEN 
(SELECT ('{"id":"' || (t713.id::text || '"}'))
FROM api.billable_item AS t713
WHERE t713.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billable_item AS t714
WHERE t714.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t715 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t716.survivor_id, t715.steps + 1
FROM t715 JOIN api.forward t716 ON t716.loser_id = t715.survivor
WHERE t715.steps < 20) SELECT survivor
FROM t715
ORDER BY steps DESC LIMIT 1) END) WHEN 'invoice' THEN 
(SELECT ('{"id":"' || (t717.id::text || '"}'))
FROM api.invoice AS t717
WHERE t717.id =
CASE WHEN EXISTS 
(SELECT
FROM api.invoice AS t718
WHERE t718.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t719 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t720.survivor_id, t719.steps + 1
FROM t719 JOIN api.forward t720 ON t720.loser_id = t719.survivor
WHERE t719.steps < 20) SELECT survivor
FROM t719
ORDER BY steps DESC LIMIT 1) END) WHEN 'credit_memo' THEN 
(SELECT ('{"id":"' || (t721.id::text || '"}'))
FROM api.credit_memo AS t721
WHERE t721.id =
CASE WHEN EXISTS 
(SELECT
FROM api.credit_memo AS t722
WHERE t722.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t723 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t724.survivor_id, t723.steps + 1
FROM t723 JOIN api.forward t724 ON t724.loser_id = t723.survivor
WHERE t723.steps < 20) SELECT survivor
FROM t723
ORDER BY steps DESC LIMIT 1) END) WHEN 'invoice_line' THEN 
(SELECT ('{"id":"' || (t725.id::text || '"}'))
FROM api.invoice_line AS t725
WHERE t725.id =
CASE WHEN EXISTS 
(SELECT
FROM api.invoice_line AS t726
WHERE t726.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t727 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t728.survivor_id, t727.steps + 1
FROM t727 JOIN api.forward t728 ON t728.loser_id = t727.survivor
WHERE t727.steps < 20) SELECT survivor
FROM t727
ORDER BY steps DESC LIMIT 1) END) WHEN 'payment' THEN 
(SELECT ('{"id":"' || (t729.id::text || '"}'))
FROM api.payment AS t729
WHERE t729.id =
CASE WHEN EXISTS 
(SELECT
FROM api.payment AS t730
WHERE t730.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t731 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t732.survivor_id, t731.steps + 1
FROM t731 JOIN api.forward t732 ON t732.loser_id = t731.survivor
WHERE t731.steps < 20) SELECT survivor
FROM t731
ORDER BY steps DESC LIMIT 1) END) WHEN 'payment_application' THEN 
(SELECT ('{"id":"' || (t733.id::text || '"}'))
FROM api.payment_application AS t733
WHERE t733.id =
CASE WHEN EXISTS 
(SELECT
FROM api.payment_application AS t734
WHERE t734.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t735 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t736.survivor_id, t735.steps + 1
FROM t735 JOIN api.forward t736 ON t736.loser_id = t735.survivor
WHERE t735.steps < 20) SELECT survivor
FROM t735
ORDER BY steps DESC LIMIT 1) END) WHEN 'collection_case' THEN 
(SELECT ('{"id":"' || (t737.id::text || '"}'))
FROM api.collection_case AS t737
WHERE t737.id =
CASE WHEN EXISTS 
(SELECT
FROM api.collection_case AS t738
WHERE t738.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t739 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t740.survivor_id, t739.steps + 1
FROM t739 JOIN api.forward t740 ON t740.loser_id = t739.survivor
WHERE t739.steps < 20) SELECT survivor
FROM t739
ORDER BY steps DESC LIMIT 1) END) WHEN 'posting' THEN 
(SELECT ('{"id":"' || (t741.id::text || '"}'))
FROM api.posting AS t741
WHERE t741.id =
CASE WHEN EXISTS 
(SELECT
FROM api.posting AS t742
WHERE t742.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t743 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t744.survivor_id, t743.steps + 1
FROM t743 JOIN api.forward t744 ON t744.loser_id = t743.survivor
WHERE t743.steps < 20) SELECT survivor
FROM t743
ORDER BY steps DESC LIMIT 1) END) WHEN 'posting_line' THEN 
(SELECT ('{"id":"' || (t745.id::text || '"}'))
FROM api.posting_line AS t745
WHERE t745.id =
CASE WHEN EXISTS 
(SELECT
FROM api.posting_line AS t746
WHERE t746.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t747 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t748.survivor_id, t747.steps + 1
FROM t747 JOIN api.forward t748 ON t748.loser_id = t747.survivor
WHERE t747.steps < 20) SELECT survivor
FROM t747
ORDER BY steps DESC LIMIT 1) END) WHEN 'revenue_schedule' THEN 
(SELECT ('{"id":"' || (t749.id::text || '"}'))
FROM api.revenue_schedule AS t749
WHERE t749.id =
CASE WHEN EXISTS 
(SELECT
FROM api.revenue_schedule AS t750
WHERE t750.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t751 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t752.survivor_id, t751.steps + 1
FROM t751 JOIN api.forward t752 ON t752.loser_id = t751.survivor
WHERE t751.steps < 20) SELECT survivor
FROM t751
ORDER BY steps DESC LIMIT 1) END) WHEN 'revenue_schedule_line' THEN 
(SELECT ('{"id":"' || (t753.id::text || '"}'))
FROM api.revenue_schedule_line AS t753
WHERE t753.id =
CASE WHEN EXISTS 
(SELECT
FROM api.revenue_schedule_line AS t754
WHERE t754.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t755 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t756.survivor_id, t755.steps + 1
FROM t755 JOIN api.forward t756 ON t756.loser_id = t755.survivor
WHERE t755.steps < 20) SELECT survivor
FROM t755
ORDER BY steps DESC LIMIT 1) END) WHEN 'revenue_event' THEN 
(SELECT ('{"id":"' || (t757.id::text || '"}'))
FROM api.revenue_event AS t757
WHERE t757.id =
CASE WHEN EXISTS 
(SELECT
FROM api.revenue_event AS t758
WHERE t758.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t759 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t760.survivor_id, t759.steps + 1
FROM t759 JOIN api.forward t760 ON t760.loser_id = t759.survivor
WHERE t759.steps < 20) SELECT survivor
FROM t759
ORDER BY steps DESC LIMIT 1) END) WHEN 'wip_balance' THEN 
(SELECT ('{"id":"' || (t761.id::text || '"}'))
FROM api.wip_balance AS t761
WHERE t761.id =
CASE WHEN EXISTS 
(SELECT
FROM api.wip_balance AS t762
WHERE t762.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t763 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t764.survivor_id, t763.steps + 1
FROM t763 JOIN api.forward t764 ON t764.loser_id = t763.survivor
WHERE t763.steps < 20) SELECT survivor
FROM t763
ORDER BY steps DESC LIMIT 1) END) WHEN 'forecast' THEN 
(SELECT ('{"id":"' || (t765.id::text || '"}'))
FROM api.forecast AS t765
WHERE t765.id =
CASE WHEN EXISTS 
(SELECT
FROM api.forecast AS t766
WHERE t766.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t767 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t768.survivor_id, t767.steps + 1
FROM t767 JOIN api.forward t768 ON t768.loser_id = t767.survivor
WHERE t767.steps < 20) SELECT survivor
FROM t767
ORDER BY steps DESC LIMIT 1) END) WHEN 'forecast_line' THEN 
(SELECT ('{"id":"' || (t769.id::text || '"}'))
FROM api.forecast_line AS t769
WHERE t769.id =
CASE WHEN EXISTS 
(SELECT
FROM api.forecast_line AS t770
WHERE t770.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t771 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t772.survivor_id, t771.steps + 1
FROM t771 JOIN api.forward t772 ON t772.loser_id = t771.survivor
WHERE t771.steps < 20) SELECT survivor
FROM t771
ORDER BY steps DESC LIMIT 1) END) WHEN 'project_actuals' THEN 
(SELECT ('{"id":"' || (t773.id::text || '"}'))
FROM api.project_actuals AS t773
WHERE t773.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project_actuals AS t774
WHERE t774.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t775 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t776.survivor_id, t775.steps + 1
FROM t775 JOIN api.forward t776 ON t776.loser_id = t775.survivor
WHERE t775.steps < 20) SELECT survivor
FROM t775
ORDER BY steps DESC LIMIT 1) END) WHEN 'utilisation_snapshot' THEN 
(SELECT ('{"id":"' || (t777.id::text || '"}'))
FROM api.utilisation_snapshot AS t777
WHERE t777.id =
CASE WHEN EXISTS 
(SELECT
FROM api.utilisation_snapshot AS t778
WHERE t778.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t779 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t780.survivor_id, t779.steps + 1
FROM t779 JOIN api.forward t780 ON t780.loser_id = t779.survivor
WHERE t779.steps < 20) SELECT survivor
FROM t779
ORDER BY steps DESC LIMIT 1) END) WHEN 'profitability_snapshot' THEN 
(SELECT ('{"id":"' || (t781.id::text || '"}'))
FROM api.profitability_snapshot AS t781
WHERE t781.id =
CASE WHEN EXISTS 
(SELECT
FROM api.profitability_snapshot AS t782
WHERE t782.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t783 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward
WHERE loser_id = $3::uuid
UNION ALL SELECT t784.survivor_id, t783.steps + 1
FROM t783 JOIN api.forward t784 ON t784.loser_id = t783.survivor
WHERE t783.steps < 20) SELECT survivor
FROM t783
ORDER BY steps DESC LIMIT 1) END) END, 'null'), 'UTF8')
