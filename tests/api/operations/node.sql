SELECT convert_to(coalesce(CASE 
(SELECT t1.entity
FROM api.change t1
WHERE t1.golden_id = $1::uuid
ORDER BY t1.version LIMIT 1) WHEN 'currency' THEN 
(SELECT (('{"__typename":"Currency","id":"' || (t5.id::text || '","version":')) || ((t5.version::text || ',"recordState":"') || (t5.record_state || '"}')))
FROM api.currency AS t5
WHERE t5.id =
CASE WHEN EXISTS 
(SELECT
FROM api.currency AS t2
WHERE t2.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t3 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t4.survivor_id, t3.steps + 1
FROM t3 JOIN api.forward AS t4 ON t4.loser_id = t3.survivor
WHERE t3.steps < 20) SELECT survivor
FROM t3
ORDER BY steps DESC LIMIT 1) END) WHEN 'fiscal_calendar' THEN 
(SELECT (('{"__typename":"FiscalCalendar","id":"' || (t9.id::text || '","version":')) || ((t9.version::text || ',"recordState":"') || (t9.record_state || '"}')))
FROM api.fiscal_calendar AS t9
WHERE t9.id =
CASE WHEN EXISTS 
(SELECT
FROM api.fiscal_calendar AS t6
WHERE t6.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t7 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t8.survivor_id, t7.steps + 1
FROM t7 JOIN api.forward AS t8 ON t8.loser_id = t7.survivor
WHERE t7.steps < 20) SELECT survivor
FROM t7
ORDER BY steps DESC LIMIT 1) END) WHEN 'legal_entity' THEN 
(SELECT (('{"__typename":"LegalEntity","id":"' || (t13.id::text || '","version":')) || ((t13.version::text || ',"recordState":"') || (t13.record_state || '"}')))
FROM api.legal_entity AS t13
WHERE t13.id =
CASE WHEN EXISTS 
(SELECT
FROM api.legal_entity AS t10
WHERE t10.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t11 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t12.survivor_id, t11.steps + 1
FROM t11 JOIN api.forward AS t12 ON t12.loser_id = t11.survivor
WHERE t11.steps < 20) SELECT survivor
FROM t11
ORDER BY steps DESC LIMIT 1) END) WHEN 'region' THEN 
(SELECT (('{"__typename":"Region","id":"' || (t17.id::text || '","version":')) || ((t17.version::text || ',"recordState":"') || (t17.record_state || '"}')))
FROM api.region AS t17
WHERE t17.id =
CASE WHEN EXISTS 
(SELECT
FROM api.region AS t14
WHERE t14.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t15 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t16.survivor_id, t15.steps + 1
FROM t15 JOIN api.forward AS t16 ON t16.loser_id = t15.survivor
WHERE t15.steps < 20) SELECT survivor
FROM t15
ORDER BY steps DESC LIMIT 1) END) WHEN 'regional_policy' THEN 
(SELECT (('{"__typename":"RegionalPolicy","id":"' || (t21.id::text || '","version":')) || ((t21.version::text || ',"recordState":"') || (t21.record_state || '"}')))
FROM api.regional_policy AS t21
WHERE t21.id =
CASE WHEN EXISTS 
(SELECT
FROM api.regional_policy AS t18
WHERE t18.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t19 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t20.survivor_id, t19.steps + 1
FROM t19 JOIN api.forward AS t20 ON t20.loser_id = t19.survivor
WHERE t19.steps < 20) SELECT survivor
FROM t19
ORDER BY steps DESC LIMIT 1) END) WHEN 'cost_centre' THEN 
(SELECT (('{"__typename":"CostCentre","id":"' || (t25.id::text || '","version":')) || ((t25.version::text || ',"recordState":"') || (t25.record_state || '"}')))
FROM api.cost_centre AS t25
WHERE t25.id =
CASE WHEN EXISTS 
(SELECT
FROM api.cost_centre AS t22
WHERE t22.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t23 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t24.survivor_id, t23.steps + 1
FROM t23 JOIN api.forward AS t24 ON t24.loser_id = t23.survivor
WHERE t23.steps < 20) SELECT survivor
FROM t23
ORDER BY steps DESC LIMIT 1) END) WHEN 'ledger_account' THEN 
(SELECT (('{"__typename":"LedgerAccount","id":"' || (t29.id::text || '","version":')) || ((t29.version::text || ',"recordState":"') || (t29.record_state || '"}')))
FROM api.ledger_account AS t29
WHERE t29.id =
CASE WHEN EXISTS 
(SELECT
FROM api.ledger_account AS t26
WHERE t26.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t27 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t28.survivor_id, t27.steps + 1
FROM t27 JOIN api.forward AS t28 ON t28.loser_id = t27.survivor
WHERE t27.steps < 20) SELECT survivor
FROM t27
ORDER BY steps DESC LIMIT 1) END) WHEN 'service_line' THEN 
(SELECT (('{"__typename":"ServiceLine","id":"' || (t33.id::text || '","version":')) || ((t33.version::text || ',"recordState":"') || (t33.record_state || '"}')))
FROM api.service_line AS t33
WHERE t33.id =
CASE WHEN EXISTS 
(SELECT
FROM api.service_line AS t30
WHERE t30.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t31 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t32.survivor_id, t31.steps + 1
FROM t31 JOIN api.forward AS t32 ON t32.loser_id = t31.survivor
WHERE t31.steps < 20) SELECT survivor
FROM t31
ORDER BY steps DESC LIMIT 1) END) WHEN 'service_item' THEN 
(SELECT (('{"__typename":"ServiceItem","id":"' || (t37.id::text || '","version":')) || ((t37.version::text || ',"recordState":"') || (t37.record_state || '"}')))
FROM api.service_item AS t37
WHERE t37.id =
CASE WHEN EXISTS 
(SELECT
FROM api.service_item AS t34
WHERE t34.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t35 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t36.survivor_id, t35.steps + 1
FROM t35 JOIN api.forward AS t36 ON t36.loser_id = t35.survivor
WHERE t35.steps < 20) SELECT survivor
FROM t35
ORDER BY steps DESC LIMIT 1) END) WHEN 'account_map' THEN 
(SELECT (('{"__typename":"AccountMap","id":"' || (t41.id::text || '","version":')) || ((t41.version::text || ',"recordState":"') || (t41.record_state || '"}')))
FROM api.account_map AS t41
WHERE t41.id =
CASE WHEN EXISTS 
(SELECT
FROM api.account_map AS t38
WHERE t38.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t39 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t40.survivor_id, t39.steps + 1
FROM t39 JOIN api.forward AS t40 ON t40.loser_id = t39.survivor
WHERE t39.steps < 20) SELECT survivor
FROM t39
ORDER BY steps DESC LIMIT 1) END) WHEN 'tax_code' THEN 
(SELECT (('{"__typename":"TaxCode","id":"' || (t45.id::text || '","version":')) || ((t45.version::text || ',"recordState":"') || (t45.record_state || '"}')))
FROM api.tax_code AS t45
WHERE t45.id =
CASE WHEN EXISTS 
(SELECT
FROM api.tax_code AS t42
WHERE t42.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t43 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t44.survivor_id, t43.steps + 1
FROM t43 JOIN api.forward AS t44 ON t44.loser_id = t43.survivor
WHERE t43.steps < 20) SELECT survivor
FROM t43
ORDER BY steps DESC LIMIT 1) END) WHEN 'tax_rule' THEN 
(SELECT (('{"__typename":"TaxRule","id":"' || (t49.id::text || '","version":')) || ((t49.version::text || ',"recordState":"') || (t49.record_state || '"}')))
FROM api.tax_rule AS t49
WHERE t49.id =
CASE WHEN EXISTS 
(SELECT
FROM api.tax_rule AS t46
WHERE t46.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t47 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t48.survivor_id, t47.steps + 1
FROM t47 JOIN api.forward AS t48 ON t48.loser_id = t47.survivor
WHERE t47.steps < 20) SELECT survivor
FROM t47
ORDER BY steps DESC LIMIT 1) END) WHEN 'exchange_rate' THEN 
(SELECT (('{"__typename":"ExchangeRate","id":"' || (t53.id::text || '","version":')) || ((t53.version::text || ',"recordState":"') || (t53.record_state || '"}')))
FROM api.exchange_rate AS t53
WHERE t53.id =
CASE WHEN EXISTS 
(SELECT
FROM api.exchange_rate AS t50
WHERE t50.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t51 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t52.survivor_id, t51.steps + 1
FROM t51 JOIN api.forward AS t52 ON t52.loser_id = t51.survivor
WHERE t51.steps < 20) SELECT survivor
FROM t51
ORDER BY steps DESC LIMIT 1) END) WHEN 'accounting_period' THEN 
(SELECT (('{"__typename":"AccountingPeriod","id":"' || (t57.id::text || '","version":')) || ((t57.version::text || ',"recordState":"') || (t57.record_state || '"}')))
FROM api.accounting_period AS t57
WHERE t57.id =
CASE WHEN EXISTS 
(SELECT
FROM api.accounting_period AS t54
WHERE t54.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t55 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t56.survivor_id, t55.steps + 1
FROM t55 JOIN api.forward AS t56 ON t56.loser_id = t55.survivor
WHERE t55.steps < 20) SELECT survivor
FROM t55
ORDER BY steps DESC LIMIT 1) END) WHEN 'interface_entry' THEN 
(SELECT (('{"__typename":"InterfaceEntry","id":"' || (t61.id::text || '","version":')) || ((t61.version::text || ',"recordState":"') || (t61.record_state || '"}')))
FROM api.interface_entry AS t61
WHERE t61.id =
CASE WHEN EXISTS 
(SELECT
FROM api.interface_entry AS t58
WHERE t58.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t59 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t60.survivor_id, t59.steps + 1
FROM t59 JOIN api.forward AS t60 ON t60.loser_id = t59.survivor
WHERE t59.steps < 20) SELECT survivor
FROM t59
ORDER BY steps DESC LIMIT 1) END) WHEN 'vendor' THEN 
(SELECT (('{"__typename":"Vendor","id":"' || (t65.id::text || '","version":')) || ((t65.version::text || ',"recordState":"') || (t65.record_state || '"}')))
FROM api.vendor AS t65
WHERE t65.id =
CASE WHEN EXISTS 
(SELECT
FROM api.vendor AS t62
WHERE t62.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t63 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t64.survivor_id, t63.steps + 1
FROM t63 JOIN api.forward AS t64 ON t64.loser_id = t63.survivor
WHERE t63.steps < 20) SELECT survivor
FROM t63
ORDER BY steps DESC LIMIT 1) END) WHEN 'resource' THEN 
(SELECT (('{"__typename":"Resource","id":"' || (t69.id::text || '","version":')) || ((t69.version::text || ',"recordState":"') || (t69.record_state || '"}')))
FROM api.resource AS t69
WHERE t69.id =
CASE WHEN EXISTS 
(SELECT
FROM api.resource AS t66
WHERE t66.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t67 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t68.survivor_id, t67.steps + 1
FROM t67 JOIN api.forward AS t68 ON t68.loser_id = t67.survivor
WHERE t67.steps < 20) SELECT survivor
FROM t67
ORDER BY steps DESC LIMIT 1) END) WHEN 'client' THEN 
(SELECT (CASE WHEN t73.plain_version = t73.version THEN ((('{"__typename":"Client","id":"' || t73.id::text) || ('","version":' || t73.version::text)) || ((',"recordState":"' || t73.record_state) || ('"' || coalesce((',"legalName":"' || (t73."legal_name" || '"')), ',"legalName":null'))))
ELSE ((('{"__typename":"Client","id":"' || t73.id::text) || ('","version":' || t73.version::text)) || ((',"recordState":"' || t73.record_state) || ('"' || coalesce((',"legalName":' || to_json(t73."legal_name")::text), ',"legalName":null')))) END || '}')
FROM api.client AS t73
WHERE t73.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client AS t70
WHERE t70.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t71 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t72.survivor_id, t71.steps + 1
FROM t71 JOIN api.forward AS t72 ON t72.loser_id = t71.survivor
WHERE t71.steps < 20) SELECT survivor
FROM t71
ORDER BY steps DESC LIMIT 1) END) WHEN 'client_site' THEN 
(SELECT (('{"__typename":"ClientSite","id":"' || (t77.id::text || '","version":')) || ((t77.version::text || ',"recordState":"') || (t77.record_state || '"}')))
FROM api.client_site AS t77
WHERE t77.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client_site AS t74
WHERE t74.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t75 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t76.survivor_id, t75.steps + 1
FROM t75 JOIN api.forward AS t76 ON t76.loser_id = t75.survivor
WHERE t75.steps < 20) SELECT survivor
FROM t75
ORDER BY steps DESC LIMIT 1) END) WHEN 'contact' THEN 
(SELECT (CASE WHEN t81.plain_version = t81.version THEN ((('{"__typename":"Contact","id":"' || t81.id::text) || ('","version":' || t81.version::text)) || ((',"recordState":"' || t81.record_state) || ('"' || coalesce((',"familyName":"' || (t81."family_name" || '"')), ',"familyName":null'))))
ELSE ((('{"__typename":"Contact","id":"' || t81.id::text) || ('","version":' || t81.version::text)) || ((',"recordState":"' || t81.record_state) || ('"' || coalesce((',"familyName":' || to_json(t81."family_name")::text), ',"familyName":null')))) END || (coalesce((',"client":' || 
(SELECT (CASE WHEN t82.plain_version = t82.version THEN coalesce(('{"name":"' || (t82."name" || '"')), '{"name":null')
ELSE coalesce(('{"name":' || to_json(t82."name")::text), '{"name":null') END || '}')
FROM api.client AS t82
WHERE t82.id = t81.client_id)), ',"client":null') || '}'))
FROM api.contact AS t81
WHERE t81.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contact AS t78
WHERE t78.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t79 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t80.survivor_id, t79.steps + 1
FROM t79 JOIN api.forward AS t80 ON t80.loser_id = t79.survivor
WHERE t79.steps < 20) SELECT survivor
FROM t79
ORDER BY steps DESC LIMIT 1) END) WHEN 'client_relationship' THEN 
(SELECT (('{"__typename":"ClientRelationship","id":"' || (t86.id::text || '","version":')) || ((t86.version::text || ',"recordState":"') || (t86.record_state || '"}')))
FROM api.client_relationship AS t86
WHERE t86.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client_relationship AS t83
WHERE t83.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t84 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t85.survivor_id, t84.steps + 1
FROM t84 JOIN api.forward AS t85 ON t85.loser_id = t84.survivor
WHERE t84.steps < 20) SELECT survivor
FROM t84
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_account' THEN 
(SELECT (('{"__typename":"BillingAccount","id":"' || (t90.id::text || '","version":')) || ((t90.version::text || ',"recordState":"') || (t90.record_state || '"}')))
FROM api.billing_account AS t90
WHERE t90.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_account AS t87
WHERE t87.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t88 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t89.survivor_id, t88.steps + 1
FROM t88 JOIN api.forward AS t89 ON t89.loser_id = t88.survivor
WHERE t88.steps < 20) SELECT survivor
FROM t88
ORDER BY steps DESC LIMIT 1) END) WHEN 'opportunity' THEN 
(SELECT (('{"__typename":"Opportunity","id":"' || (t94.id::text || '","version":')) || ((t94.version::text || ',"recordState":"') || (t94.record_state || '"}')))
FROM api.opportunity AS t94
WHERE t94.id =
CASE WHEN EXISTS 
(SELECT
FROM api.opportunity AS t91
WHERE t91.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t92 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t93.survivor_id, t92.steps + 1
FROM t92 JOIN api.forward AS t93 ON t93.loser_id = t92.survivor
WHERE t92.steps < 20) SELECT survivor
FROM t92
ORDER BY steps DESC LIMIT 1) END) WHEN 'contract' THEN 
(SELECT (('{"__typename":"Contract","id":"' || (t98.id::text || '","version":')) || ((t98.version::text || ',"recordState":"') || (t98.record_state || '"}')))
FROM api.contract AS t98
WHERE t98.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contract AS t95
WHERE t95.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t96 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t97.survivor_id, t96.steps + 1
FROM t96 JOIN api.forward AS t97 ON t97.loser_id = t96.survivor
WHERE t96.steps < 20) SELECT survivor
FROM t96
ORDER BY steps DESC LIMIT 1) END) WHEN 'contract_line' THEN 
(SELECT (('{"__typename":"ContractLine","id":"' || (t102.id::text || '","version":')) || ((t102.version::text || ',"recordState":"') || (t102.record_state || '"}')))
FROM api.contract_line AS t102
WHERE t102.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contract_line AS t99
WHERE t99.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t100 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t101.survivor_id, t100.steps + 1
FROM t100 JOIN api.forward AS t101 ON t101.loser_id = t100.survivor
WHERE t100.steps < 20) SELECT survivor
FROM t100
ORDER BY steps DESC LIMIT 1) END) WHEN 'rate_card' THEN 
(SELECT (('{"__typename":"RateCard","id":"' || (t106.id::text || '","version":')) || ((t106.version::text || ',"recordState":"') || (t106.record_state || '"}')))
FROM api.rate_card AS t106
WHERE t106.id =
CASE WHEN EXISTS 
(SELECT
FROM api.rate_card AS t103
WHERE t103.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t104 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t105.survivor_id, t104.steps + 1
FROM t104 JOIN api.forward AS t105 ON t105.loser_id = t104.survivor
WHERE t104.steps < 20) SELECT survivor
FROM t104
ORDER BY steps DESC LIMIT 1) END) WHEN 'rate_line' THEN 
(SELECT (('{"__typename":"RateLine","id":"' || (t110.id::text || '","version":')) || ((t110.version::text || ',"recordState":"') || (t110.record_state || '"}')))
FROM api.rate_line AS t110
WHERE t110.id =
CASE WHEN EXISTS 
(SELECT
FROM api.rate_line AS t107
WHERE t107.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t108 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t109.survivor_id, t108.steps + 1
FROM t108 JOIN api.forward AS t109 ON t109.loser_id = t108.survivor
WHERE t108.steps < 20) SELECT survivor
FROM t108
ORDER BY steps DESC LIMIT 1) END) WHEN 'client_purchase_order' THEN 
(SELECT (('{"__typename":"ClientPurchaseOrder","id":"' || (t114.id::text || '","version":')) || ((t114.version::text || ',"recordState":"') || (t114.record_state || '"}')))
FROM api.client_purchase_order AS t114
WHERE t114.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client_purchase_order AS t111
WHERE t111.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t112 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t113.survivor_id, t112.steps + 1
FROM t112 JOIN api.forward AS t113 ON t113.loser_id = t112.survivor
WHERE t112.steps < 20) SELECT survivor
FROM t112
ORDER BY steps DESC LIMIT 1) END) WHEN 'engagement' THEN 
(SELECT (('{"__typename":"Engagement","id":"' || (t118.id::text || '","version":')) || ((t118.version::text || ',"recordState":"') || (t118.record_state || '"}')))
FROM api.engagement AS t118
WHERE t118.id =
CASE WHEN EXISTS 
(SELECT
FROM api.engagement AS t115
WHERE t115.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t116 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t117.survivor_id, t116.steps + 1
FROM t116 JOIN api.forward AS t117 ON t117.loser_id = t116.survivor
WHERE t116.steps < 20) SELECT survivor
FROM t116
ORDER BY steps DESC LIMIT 1) END) WHEN 'project_template' THEN 
(SELECT (('{"__typename":"ProjectTemplate","id":"' || (t122.id::text || '","version":')) || ((t122.version::text || ',"recordState":"') || (t122.record_state || '"}')))
FROM api.project_template AS t122
WHERE t122.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project_template AS t119
WHERE t119.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t120 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t121.survivor_id, t120.steps + 1
FROM t120 JOIN api.forward AS t121 ON t121.loser_id = t120.survivor
WHERE t120.steps < 20) SELECT survivor
FROM t120
ORDER BY steps DESC LIMIT 1) END) WHEN 'project' THEN 
(SELECT (('{"__typename":"Project","id":"' || (t126.id::text || '","version":')) || ((t126.version::text || ',"recordState":"') || (t126.record_state || '"}')))
FROM api.project AS t126
WHERE t126.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project AS t123
WHERE t123.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t124 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t125.survivor_id, t124.steps + 1
FROM t124 JOIN api.forward AS t125 ON t125.loser_id = t124.survivor
WHERE t124.steps < 20) SELECT survivor
FROM t124
ORDER BY steps DESC LIMIT 1) END) WHEN 'project_financials' THEN 
(SELECT (('{"__typename":"ProjectFinancials","id":"' || (t130.id::text || '","version":')) || ((t130.version::text || ',"recordState":"') || (t130.record_state || '"}')))
FROM api.project_financials AS t130
WHERE t130.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project_financials AS t127
WHERE t127.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t128 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t129.survivor_id, t128.steps + 1
FROM t128 JOIN api.forward AS t129 ON t129.loser_id = t128.survivor
WHERE t128.steps < 20) SELECT survivor
FROM t128
ORDER BY steps DESC LIMIT 1) END) WHEN 'task' THEN 
(SELECT (('{"__typename":"Task","id":"' || (t134.id::text || '","version":')) || ((t134.version::text || ',"recordState":"') || (t134.record_state || '"}')))
FROM api.task AS t134
WHERE t134.id =
CASE WHEN EXISTS 
(SELECT
FROM api.task AS t131
WHERE t131.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t132 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t133.survivor_id, t132.steps + 1
FROM t132 JOIN api.forward AS t133 ON t133.loser_id = t132.survivor
WHERE t132.steps < 20) SELECT survivor
FROM t132
ORDER BY steps DESC LIMIT 1) END) WHEN 'assignment' THEN 
(SELECT (('{"__typename":"Assignment","id":"' || (t138.id::text || '","version":')) || ((t138.version::text || ',"recordState":"') || (t138.record_state || '"}')))
FROM api.assignment AS t138
WHERE t138.id =
CASE WHEN EXISTS 
(SELECT
FROM api.assignment AS t135
WHERE t135.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t136 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t137.survivor_id, t136.steps + 1
FROM t136 JOIN api.forward AS t137 ON t137.loser_id = t136.survivor
WHERE t136.steps < 20) SELECT survivor
FROM t136
ORDER BY steps DESC LIMIT 1) END) WHEN 'contract_threshold' THEN 
(SELECT (('{"__typename":"ContractThreshold","id":"' || (t142.id::text || '","version":')) || ((t142.version::text || ',"recordState":"') || (t142.record_state || '"}')))
FROM api.contract_threshold AS t142
WHERE t142.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contract_threshold AS t139
WHERE t139.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t140 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t141.survivor_id, t140.steps + 1
FROM t140 JOIN api.forward AS t141 ON t141.loser_id = t140.survivor
WHERE t140.steps < 20) SELECT survivor
FROM t140
ORDER BY steps DESC LIMIT 1) END) WHEN 'change_order' THEN 
(SELECT (('{"__typename":"ChangeOrder","id":"' || (t146.id::text || '","version":')) || ((t146.version::text || ',"recordState":"') || (t146.record_state || '"}')))
FROM api.change_order AS t146
WHERE t146.id =
CASE WHEN EXISTS 
(SELECT
FROM api.change_order AS t143
WHERE t143.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t144 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t145.survivor_id, t144.steps + 1
FROM t144 JOIN api.forward AS t145 ON t145.loser_id = t144.survivor
WHERE t144.steps < 20) SELECT survivor
FROM t144
ORDER BY steps DESC LIMIT 1) END) WHEN 'time_entry' THEN 
(SELECT (('{"__typename":"TimeEntry","id":"' || (t150.id::text || '","version":')) || ((t150.version::text || ',"recordState":"') || (t150.record_state || '"}')))
FROM api.time_entry AS t150
WHERE t150.id =
CASE WHEN EXISTS 
(SELECT
FROM api.time_entry AS t147
WHERE t147.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t148 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t149.survivor_id, t148.steps + 1
FROM t148 JOIN api.forward AS t149 ON t149.loser_id = t148.survivor
WHERE t148.steps < 20) SELECT survivor
FROM t148
ORDER BY steps DESC LIMIT 1) END) WHEN 'expense_report' THEN 
(SELECT (('{"__typename":"ExpenseReport","id":"' || (t154.id::text || '","version":')) || ((t154.version::text || ',"recordState":"') || (t154.record_state || '"}')))
FROM api.expense_report AS t154
WHERE t154.id =
CASE WHEN EXISTS 
(SELECT
FROM api.expense_report AS t151
WHERE t151.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t152 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t153.survivor_id, t152.steps + 1
FROM t152 JOIN api.forward AS t153 ON t153.loser_id = t152.survivor
WHERE t152.steps < 20) SELECT survivor
FROM t152
ORDER BY steps DESC LIMIT 1) END) WHEN 'expense' THEN 
(SELECT (('{"__typename":"Expense","id":"' || (t158.id::text || '","version":')) || ((t158.version::text || ',"recordState":"') || (t158.record_state || '"}')))
FROM api.expense AS t158
WHERE t158.id =
CASE WHEN EXISTS 
(SELECT
FROM api.expense AS t155
WHERE t155.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t156 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t157.survivor_id, t156.steps + 1
FROM t156 JOIN api.forward AS t157 ON t157.loser_id = t156.survivor
WHERE t156.steps < 20) SELECT survivor
FROM t156
ORDER BY steps DESC LIMIT 1) END) WHEN 'milestone' THEN 
(SELECT (('{"__typename":"Milestone","id":"' || (t162.id::text || '","version":')) || ((t162.version::text || ',"recordState":"') || (t162.record_state || '"}')))
FROM api.milestone AS t162
WHERE t162.id =
CASE WHEN EXISTS 
(SELECT
FROM api.milestone AS t159
WHERE t159.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t160 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t161.survivor_id, t160.steps + 1
FROM t160 JOIN api.forward AS t161 ON t161.loser_id = t160.survivor
WHERE t160.steps < 20) SELECT survivor
FROM t160
ORDER BY steps DESC LIMIT 1) END) WHEN 'purchase_order' THEN 
(SELECT (('{"__typename":"PurchaseOrder","id":"' || (t166.id::text || '","version":')) || ((t166.version::text || ',"recordState":"') || (t166.record_state || '"}')))
FROM api.purchase_order AS t166
WHERE t166.id =
CASE WHEN EXISTS 
(SELECT
FROM api.purchase_order AS t163
WHERE t163.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t164 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t165.survivor_id, t164.steps + 1
FROM t164 JOIN api.forward AS t165 ON t165.loser_id = t164.survivor
WHERE t164.steps < 20) SELECT survivor
FROM t164
ORDER BY steps DESC LIMIT 1) END) WHEN 'purchase_order_line' THEN 
(SELECT (('{"__typename":"PurchaseOrderLine","id":"' || (t170.id::text || '","version":')) || ((t170.version::text || ',"recordState":"') || (t170.record_state || '"}')))
FROM api.purchase_order_line AS t170
WHERE t170.id =
CASE WHEN EXISTS 
(SELECT
FROM api.purchase_order_line AS t167
WHERE t167.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t168 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t169.survivor_id, t168.steps + 1
FROM t168 JOIN api.forward AS t169 ON t169.loser_id = t168.survivor
WHERE t168.steps < 20) SELECT survivor
FROM t168
ORDER BY steps DESC LIMIT 1) END) WHEN 'cost_item' THEN 
(SELECT (('{"__typename":"CostItem","id":"' || (t174.id::text || '","version":')) || ((t174.version::text || ',"recordState":"') || (t174.record_state || '"}')))
FROM api.cost_item AS t174
WHERE t174.id =
CASE WHEN EXISTS 
(SELECT
FROM api.cost_item AS t171
WHERE t171.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t172 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t173.survivor_id, t172.steps + 1
FROM t172 JOIN api.forward AS t173 ON t173.loser_id = t172.survivor
WHERE t172.steps < 20) SELECT survivor
FROM t172
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_schedule' THEN 
(SELECT (('{"__typename":"BillingSchedule","id":"' || (t178.id::text || '","version":')) || ((t178.version::text || ',"recordState":"') || (t178.record_state || '"}')))
FROM api.billing_schedule AS t178
WHERE t178.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_schedule AS t175
WHERE t175.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t176 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t177.survivor_id, t176.steps + 1
FROM t176 JOIN api.forward AS t177 ON t177.loser_id = t176.survivor
WHERE t176.steps < 20) SELECT survivor
FROM t176
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_schedule_line' THEN 
(SELECT (('{"__typename":"BillingScheduleLine","id":"' || (t182.id::text || '","version":')) || ((t182.version::text || ',"recordState":"') || (t182.record_state || '"}')))
FROM api.billing_schedule_line AS t182
WHERE t182.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_schedule_line AS t179
WHERE t179.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t180 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t181.survivor_id, t180.steps + 1
FROM t180 JOIN api.forward AS t181 ON t181.loser_id = t180.survivor
WHERE t180.steps < 20) SELECT survivor
FROM t180
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_hold' THEN 
(SELECT (('{"__typename":"BillingHold","id":"' || (t186.id::text || '","version":')) || ((t186.version::text || ',"recordState":"') || (t186.record_state || '"}')))
FROM api.billing_hold AS t186
WHERE t186.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_hold AS t183
WHERE t183.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t184 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t185.survivor_id, t184.steps + 1
FROM t184 JOIN api.forward AS t185 ON t185.loser_id = t184.survivor
WHERE t184.steps < 20) SELECT survivor
FROM t184
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_batch' THEN 
(SELECT (('{"__typename":"BillingBatch","id":"' || (t190.id::text || '","version":')) || ((t190.version::text || ',"recordState":"') || (t190.record_state || '"}')))
FROM api.billing_batch AS t190
WHERE t190.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_batch AS t187
WHERE t187.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t188 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t189.survivor_id, t188.steps + 1
FROM t188 JOIN api.forward AS t189 ON t189.loser_id = t188.survivor
WHERE t188.steps < 20) SELECT survivor
FROM t188
ORDER BY steps DESC LIMIT 1) END) WHEN 'billable_item' THEN 
(SELECT (('{"__typename":"BillableItem","id":"' || (t194.id::text || '","version":')) || ((t194.version::text || ',"recordState":"') || (t194.record_state || '"}')))
FROM api.billable_item AS t194
WHERE t194.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billable_item AS t191
WHERE t191.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t192 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t193.survivor_id, t192.steps + 1
FROM t192 JOIN api.forward AS t193 ON t193.loser_id = t192.survivor
WHERE t192.steps < 20) SELECT survivor
FROM t192
ORDER BY steps DESC LIMIT 1) END) WHEN 'invoice' THEN 
(SELECT (('{"__typename":"Invoice","id":"' || (t198.id::text || '","version":')) || ((t198.version::text || ',"recordState":"') || (t198.record_state || '"}')))
FROM api.invoice AS t198
WHERE t198.id =
CASE WHEN EXISTS 
(SELECT
FROM api.invoice AS t195
WHERE t195.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t196 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t197.survivor_id, t196.steps + 1
FROM t196 JOIN api.forward AS t197 ON t197.loser_id = t196.survivor
WHERE t196.steps < 20) SELECT survivor
FROM t196
ORDER BY steps DESC LIMIT 1) END) WHEN 'credit_memo' THEN 
(SELECT (('{"__typename":"CreditMemo","id":"' || (t202.id::text || '","version":')) || ((t202.version::text || ',"recordState":"') || (t202.record_state || '"}')))
FROM api.credit_memo AS t202
WHERE t202.id =
CASE WHEN EXISTS 
(SELECT
FROM api.credit_memo AS t199
WHERE t199.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t200 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t201.survivor_id, t200.steps + 1
FROM t200 JOIN api.forward AS t201 ON t201.loser_id = t200.survivor
WHERE t200.steps < 20) SELECT survivor
FROM t200
ORDER BY steps DESC LIMIT 1) END) WHEN 'invoice_line' THEN 
(SELECT (('{"__typename":"InvoiceLine","id":"' || (t206.id::text || '","version":')) || ((t206.version::text || ',"recordState":"') || (t206.record_state || '"}')))
FROM api.invoice_line AS t206
WHERE t206.id =
CASE WHEN EXISTS 
(SELECT
FROM api.invoice_line AS t203
WHERE t203.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t204 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t205.survivor_id, t204.steps + 1
FROM t204 JOIN api.forward AS t205 ON t205.loser_id = t204.survivor
WHERE t204.steps < 20) SELECT survivor
FROM t204
ORDER BY steps DESC LIMIT 1) END) WHEN 'payment' THEN 
(SELECT (('{"__typename":"Payment","id":"' || (t210.id::text || '","version":')) || ((t210.version::text || ',"recordState":"') || (t210.record_state || '"}')))
FROM api.payment AS t210
WHERE t210.id =
CASE WHEN EXISTS 
(SELECT
FROM api.payment AS t207
WHERE t207.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t208 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t209.survivor_id, t208.steps + 1
FROM t208 JOIN api.forward AS t209 ON t209.loser_id = t208.survivor
WHERE t208.steps < 20) SELECT survivor
FROM t208
ORDER BY steps DESC LIMIT 1) END) WHEN 'payment_application' THEN 
(SELECT (('{"__typename":"PaymentApplication","id":"' || (t214.id::text || '","version":')) || ((t214.version::text || ',"recordState":"') || (t214.record_state || '"}')))
FROM api.payment_application AS t214
WHERE t214.id =
CASE WHEN EXISTS 
(SELECT
FROM api.payment_application AS t211
WHERE t211.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t212 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t213.survivor_id, t212.steps + 1
FROM t212 JOIN api.forward AS t213 ON t213.loser_id = t212.survivor
WHERE t212.steps < 20) SELECT survivor
FROM t212
ORDER BY steps DESC LIMIT 1) END) WHEN 'collection_case' THEN 
(SELECT (('{"__typename":"CollectionCase","id":"' || (t218.id::text || '","version":')) || ((t218.version::text || ',"recordState":"') || (t218.record_state || '"}')))
FROM api.collection_case AS t218
WHERE t218.id =
CASE WHEN EXISTS 
(SELECT
FROM api.collection_case AS t215
WHERE t215.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t216 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t217.survivor_id, t216.steps + 1
FROM t216 JOIN api.forward AS t217 ON t217.loser_id = t216.survivor
WHERE t216.steps < 20) SELECT survivor
FROM t216
ORDER BY steps DESC LIMIT 1) END) WHEN 'posting' THEN 
(SELECT (('{"__typename":"Posting","id":"' || (t222.id::text || '","version":')) || ((t222.version::text || ',"recordState":"') || (t222.record_state || '"}')))
FROM api.posting AS t222
WHERE t222.id =
CASE WHEN EXISTS 
(SELECT
FROM api.posting AS t219
WHERE t219.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t220 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t221.survivor_id, t220.steps + 1
FROM t220 JOIN api.forward AS t221 ON t221.loser_id = t220.survivor
WHERE t220.steps < 20) SELECT survivor
FROM t220
ORDER BY steps DESC LIMIT 1) END) WHEN 'posting_line' THEN 
(SELECT (('{"__typename":"PostingLine","id":"' || (t226.id::text || '","version":')) || ((t226.version::text || ',"recordState":"') || (t226.record_state || '"}')))
FROM api.posting_line AS t226
WHERE t226.id =
CASE WHEN EXISTS 
(SELECT
FROM api.posting_line AS t223
WHERE t223.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t224 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t225.survivor_id, t224.steps + 1
FROM t224 JOIN api.forward AS t225 ON t225.loser_id = t224.survivor
WHERE t224.steps < 20) SELECT survivor
FROM t224
ORDER BY steps DESC LIMIT 1) END) WHEN 'revenue_schedule' THEN 
(SELECT (('{"__typename":"RevenueSchedule","id":"' || (t230.id::text || '","version":')) || ((t230.version::text || ',"recordState":"') || (t230.record_state || '"}')))
FROM api.revenue_schedule AS t230
WHERE t230.id =
CASE WHEN EXISTS 
(SELECT
FROM api.revenue_schedule AS t227
WHERE t227.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t228 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t229.survivor_id, t228.steps + 1
FROM t228 JOIN api.forward AS t229 ON t229.loser_id = t228.survivor
WHERE t228.steps < 20) SELECT survivor
FROM t228
ORDER BY steps DESC LIMIT 1) END) WHEN 'revenue_schedule_line' THEN 
(SELECT (('{"__typename":"RevenueScheduleLine","id":"' || (t234.id::text || '","version":')) || ((t234.version::text || ',"recordState":"') || (t234.record_state || '"}')))
FROM api.revenue_schedule_line AS t234
WHERE t234.id =
CASE WHEN EXISTS 
(SELECT
FROM api.revenue_schedule_line AS t231
WHERE t231.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t232 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t233.survivor_id, t232.steps + 1
FROM t232 JOIN api.forward AS t233 ON t233.loser_id = t232.survivor
WHERE t232.steps < 20) SELECT survivor
FROM t232
ORDER BY steps DESC LIMIT 1) END) WHEN 'revenue_event' THEN 
(SELECT (('{"__typename":"RevenueEvent","id":"' || (t238.id::text || '","version":')) || ((t238.version::text || ',"recordState":"') || (t238.record_state || '"}')))
FROM api.revenue_event AS t238
WHERE t238.id =
CASE WHEN EXISTS 
(SELECT
FROM api.revenue_event AS t235
WHERE t235.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t236 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t237.survivor_id, t236.steps + 1
FROM t236 JOIN api.forward AS t237 ON t237.loser_id = t236.survivor
WHERE t236.steps < 20) SELECT survivor
FROM t236
ORDER BY steps DESC LIMIT 1) END) WHEN 'wip_balance' THEN 
(SELECT (('{"__typename":"WipBalance","id":"' || (t242.id::text || '","version":')) || ((t242.version::text || ',"recordState":"') || (t242.record_state || '"}')))
FROM api.wip_balance AS t242
WHERE t242.id =
CASE WHEN EXISTS 
(SELECT
FROM api.wip_balance AS t239
WHERE t239.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t240 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t241.survivor_id, t240.steps + 1
FROM t240 JOIN api.forward AS t241 ON t241.loser_id = t240.survivor
WHERE t240.steps < 20) SELECT survivor
FROM t240
ORDER BY steps DESC LIMIT 1) END) WHEN 'forecast' THEN 
(SELECT (('{"__typename":"Forecast","id":"' || (t246.id::text || '","version":')) || ((t246.version::text || ',"recordState":"') || (t246.record_state || '"}')))
FROM api.forecast AS t246
WHERE t246.id =
CASE WHEN EXISTS 
(SELECT
FROM api.forecast AS t243
WHERE t243.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t244 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t245.survivor_id, t244.steps + 1
FROM t244 JOIN api.forward AS t245 ON t245.loser_id = t244.survivor
WHERE t244.steps < 20) SELECT survivor
FROM t244
ORDER BY steps DESC LIMIT 1) END) WHEN 'forecast_line' THEN 
(SELECT (('{"__typename":"ForecastLine","id":"' || (t250.id::text || '","version":')) || ((t250.version::text || ',"recordState":"') || (t250.record_state || '"}')))
FROM api.forecast_line AS t250
WHERE t250.id =
CASE WHEN EXISTS 
(SELECT
FROM api.forecast_line AS t247
WHERE t247.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t248 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t249.survivor_id, t248.steps + 1
FROM t248 JOIN api.forward AS t249 ON t249.loser_id = t248.survivor
WHERE t248.steps < 20) SELECT survivor
FROM t248
ORDER BY steps DESC LIMIT 1) END) WHEN 'project_actuals' THEN 
(SELECT (('{"__typename":"ProjectActuals","id":"' || (t254.id::text || '","version":')) || ((t254.version::text || ',"recordState":"') || (t254.record_state || '"}')))
FROM api.project_actuals AS t254
WHERE t254.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project_actuals AS t251
WHERE t251.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t252 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t253.survivor_id, t252.steps + 1
FROM t252 JOIN api.forward AS t253 ON t253.loser_id = t252.survivor
WHERE t252.steps < 20) SELECT survivor
FROM t252
ORDER BY steps DESC LIMIT 1) END) WHEN 'utilisation_snapshot' THEN 
(SELECT (('{"__typename":"UtilisationSnapshot","id":"' || (t258.id::text || '","version":')) || ((t258.version::text || ',"recordState":"') || (t258.record_state || '"}')))
FROM api.utilisation_snapshot AS t258
WHERE t258.id =
CASE WHEN EXISTS 
(SELECT
FROM api.utilisation_snapshot AS t255
WHERE t255.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t256 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t257.survivor_id, t256.steps + 1
FROM t256 JOIN api.forward AS t257 ON t257.loser_id = t256.survivor
WHERE t256.steps < 20) SELECT survivor
FROM t256
ORDER BY steps DESC LIMIT 1) END) WHEN 'profitability_snapshot' THEN 
(SELECT (('{"__typename":"ProfitabilitySnapshot","id":"' || (t262.id::text || '","version":')) || ((t262.version::text || ',"recordState":"') || (t262.record_state || '"}')))
FROM api.profitability_snapshot AS t262
WHERE t262.id =
CASE WHEN EXISTS 
(SELECT
FROM api.profitability_snapshot AS t259
WHERE t259.id = $1::uuid) THEN $1::uuid
ELSE (WITH RECURSIVE t260 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $1::uuid
UNION ALL SELECT t261.survivor_id, t260.steps + 1
FROM t260 JOIN api.forward AS t261 ON t261.loser_id = t260.survivor
WHERE t260.steps < 20) SELECT survivor
FROM t260
ORDER BY steps DESC LIMIT 1) END) END, 'null'), 'UTF8'), convert_to(coalesce(CASE 
(SELECT t263.entity
FROM api.change t263
WHERE t263.golden_id = $2::uuid
ORDER BY t263.version LIMIT 1) WHEN 'currency' THEN 
(SELECT ('{"id":"' || (t267.id::text || '"}'))
FROM api.currency AS t267
WHERE t267.id =
CASE WHEN EXISTS 
(SELECT
FROM api.currency AS t264
WHERE t264.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t265 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t266.survivor_id, t265.steps + 1
FROM t265 JOIN api.forward AS t266 ON t266.loser_id = t265.survivor
WHERE t265.steps < 20) SELECT survivor
FROM t265
ORDER BY steps DESC LIMIT 1) END) WHEN 'fiscal_calendar' THEN 
(SELECT ('{"id":"' || (t271.id::text || '"}'))
FROM api.fiscal_calendar AS t271
WHERE t271.id =
CASE WHEN EXISTS 
(SELECT
FROM api.fiscal_calendar AS t268
WHERE t268.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t269 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t270.survivor_id, t269.steps + 1
FROM t269 JOIN api.forward AS t270 ON t270.loser_id = t269.survivor
WHERE t269.steps < 20) SELECT survivor
FROM t269
ORDER BY steps DESC LIMIT 1) END) WHEN 'legal_entity' THEN 
(SELECT ('{"id":"' || (t275.id::text || '"}'))
FROM api.legal_entity AS t275
WHERE t275.id =
CASE WHEN EXISTS 
(SELECT
FROM api.legal_entity AS t272
WHERE t272.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t273 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t274.survivor_id, t273.steps + 1
FROM t273 JOIN api.forward AS t274 ON t274.loser_id = t273.survivor
WHERE t273.steps < 20) SELECT survivor
FROM t273
ORDER BY steps DESC LIMIT 1) END) WHEN 'region' THEN 
(SELECT ('{"id":"' || (t279.id::text || '"}'))
FROM api.region AS t279
WHERE t279.id =
CASE WHEN EXISTS 
(SELECT
FROM api.region AS t276
WHERE t276.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t277 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t278.survivor_id, t277.steps + 1
FROM t277 JOIN api.forward AS t278 ON t278.loser_id = t277.survivor
WHERE t277.steps < 20) SELECT survivor
FROM t277
ORDER BY steps DESC LIMIT 1) END) WHEN 'regional_policy' THEN 
(SELECT ('{"id":"' || (t283.id::text || '"}'))
FROM api.regional_policy AS t283
WHERE t283.id =
CASE WHEN EXISTS 
(SELECT
FROM api.regional_policy AS t280
WHERE t280.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t281 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t282.survivor_id, t281.steps + 1
FROM t281 JOIN api.forward AS t282 ON t282.loser_id = t281.survivor
WHERE t281.steps < 20) SELECT survivor
FROM t281
ORDER BY steps DESC LIMIT 1) END) WHEN 'cost_centre' THEN 
(SELECT ('{"id":"' || (t287.id::text || '"}'))
FROM api.cost_centre AS t287
WHERE t287.id =
CASE WHEN EXISTS 
(SELECT
FROM api.cost_centre AS t284
WHERE t284.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t285 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t286.survivor_id, t285.steps + 1
FROM t285 JOIN api.forward AS t286 ON t286.loser_id = t285.survivor
WHERE t285.steps < 20) SELECT survivor
FROM t285
ORDER BY steps DESC LIMIT 1) END) WHEN 'ledger_account' THEN 
(SELECT ('{"id":"' || (t291.id::text || '"}'))
FROM api.ledger_account AS t291
WHERE t291.id =
CASE WHEN EXISTS 
(SELECT
FROM api.ledger_account AS t288
WHERE t288.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t289 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t290.survivor_id, t289.steps + 1
FROM t289 JOIN api.forward AS t290 ON t290.loser_id = t289.survivor
WHERE t289.steps < 20) SELECT survivor
FROM t289
ORDER BY steps DESC LIMIT 1) END) WHEN 'service_line' THEN 
(SELECT ('{"id":"' || (t295.id::text || '"}'))
FROM api.service_line AS t295
WHERE t295.id =
CASE WHEN EXISTS 
(SELECT
FROM api.service_line AS t292
WHERE t292.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t293 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t294.survivor_id, t293.steps + 1
FROM t293 JOIN api.forward AS t294 ON t294.loser_id = t293.survivor
WHERE t293.steps < 20) SELECT survivor
FROM t293
ORDER BY steps DESC LIMIT 1) END) WHEN 'service_item' THEN 
(SELECT ('{"id":"' || (t299.id::text || '"}'))
FROM api.service_item AS t299
WHERE t299.id =
CASE WHEN EXISTS 
(SELECT
FROM api.service_item AS t296
WHERE t296.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t297 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t298.survivor_id, t297.steps + 1
FROM t297 JOIN api.forward AS t298 ON t298.loser_id = t297.survivor
WHERE t297.steps < 20) SELECT survivor
FROM t297
ORDER BY steps DESC LIMIT 1) END) WHEN 'account_map' THEN 
(SELECT ('{"id":"' || (t303.id::text || '"}'))
FROM api.account_map AS t303
WHERE t303.id =
CASE WHEN EXISTS 
(SELECT
FROM api.account_map AS t300
WHERE t300.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t301 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t302.survivor_id, t301.steps + 1
FROM t301 JOIN api.forward AS t302 ON t302.loser_id = t301.survivor
WHERE t301.steps < 20) SELECT survivor
FROM t301
ORDER BY steps DESC LIMIT 1) END) WHEN 'tax_code' THEN 
(SELECT ('{"id":"' || (t307.id::text || '"}'))
FROM api.tax_code AS t307
WHERE t307.id =
CASE WHEN EXISTS 
(SELECT
FROM api.tax_code AS t304
WHERE t304.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t305 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t306.survivor_id, t305.steps + 1
FROM t305 JOIN api.forward AS t306 ON t306.loser_id = t305.survivor
WHERE t305.steps < 20) SELECT survivor
FROM t305
ORDER BY steps DESC LIMIT 1) END) WHEN 'tax_rule' THEN 
(SELECT ('{"id":"' || (t311.id::text || '"}'))
FROM api.tax_rule AS t311
WHERE t311.id =
CASE WHEN EXISTS 
(SELECT
FROM api.tax_rule AS t308
WHERE t308.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t309 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t310.survivor_id, t309.steps + 1
FROM t309 JOIN api.forward AS t310 ON t310.loser_id = t309.survivor
WHERE t309.steps < 20) SELECT survivor
FROM t309
ORDER BY steps DESC LIMIT 1) END) WHEN 'exchange_rate' THEN 
(SELECT ('{"id":"' || (t315.id::text || '"}'))
FROM api.exchange_rate AS t315
WHERE t315.id =
CASE WHEN EXISTS 
(SELECT
FROM api.exchange_rate AS t312
WHERE t312.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t313 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t314.survivor_id, t313.steps + 1
FROM t313 JOIN api.forward AS t314 ON t314.loser_id = t313.survivor
WHERE t313.steps < 20) SELECT survivor
FROM t313
ORDER BY steps DESC LIMIT 1) END) WHEN 'accounting_period' THEN 
(SELECT ('{"id":"' || (t319.id::text || '"}'))
FROM api.accounting_period AS t319
WHERE t319.id =
CASE WHEN EXISTS 
(SELECT
FROM api.accounting_period AS t316
WHERE t316.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t317 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t318.survivor_id, t317.steps + 1
FROM t317 JOIN api.forward AS t318 ON t318.loser_id = t317.survivor
WHERE t317.steps < 20) SELECT survivor
FROM t317
ORDER BY steps DESC LIMIT 1) END) WHEN 'interface_entry' THEN 
(SELECT ('{"id":"' || (t323.id::text || '"}'))
FROM api.interface_entry AS t323
WHERE t323.id =
CASE WHEN EXISTS 
(SELECT
FROM api.interface_entry AS t320
WHERE t320.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t321 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t322.survivor_id, t321.steps + 1
FROM t321 JOIN api.forward AS t322 ON t322.loser_id = t321.survivor
WHERE t321.steps < 20) SELECT survivor
FROM t321
ORDER BY steps DESC LIMIT 1) END) WHEN 'vendor' THEN 
(SELECT ('{"id":"' || (t327.id::text || '"}'))
FROM api.vendor AS t327
WHERE t327.id =
CASE WHEN EXISTS 
(SELECT
FROM api.vendor AS t324
WHERE t324.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t325 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t326.survivor_id, t325.steps + 1
FROM t325 JOIN api.forward AS t326 ON t326.loser_id = t325.survivor
WHERE t325.steps < 20) SELECT survivor
FROM t325
ORDER BY steps DESC LIMIT 1) END) WHEN 'resource' THEN 
(SELECT ('{"id":"' || (t331.id::text || '"}'))
FROM api.resource AS t331
WHERE t331.id =
CASE WHEN EXISTS 
(SELECT
FROM api.resource AS t328
WHERE t328.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t329 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t330.survivor_id, t329.steps + 1
FROM t329 JOIN api.forward AS t330 ON t330.loser_id = t329.survivor
WHERE t329.steps < 20) SELECT survivor
FROM t329
ORDER BY steps DESC LIMIT 1) END) WHEN 'client' THEN 
(SELECT ('{"id":"' || (t335.id::text || '"}'))
FROM api.client AS t335
WHERE t335.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client AS t332
WHERE t332.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t333 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t334.survivor_id, t333.steps + 1
FROM t333 JOIN api.forward AS t334 ON t334.loser_id = t333.survivor
WHERE t333.steps < 20) SELECT survivor
FROM t333
ORDER BY steps DESC LIMIT 1) END) WHEN 'client_site' THEN 
(SELECT ('{"id":"' || (t339.id::text || '"}'))
FROM api.client_site AS t339
WHERE t339.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client_site AS t336
WHERE t336.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t337 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t338.survivor_id, t337.steps + 1
FROM t337 JOIN api.forward AS t338 ON t338.loser_id = t337.survivor
WHERE t337.steps < 20) SELECT survivor
FROM t337
ORDER BY steps DESC LIMIT 1) END) WHEN 'contact' THEN 
(SELECT ('{"id":"' || (t343.id::text || '"}'))
FROM api.contact AS t343
WHERE t343.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contact AS t340
WHERE t340.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t341 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t342.survivor_id, t341.steps + 1
FROM t341 JOIN api.forward AS t342 ON t342.loser_id = t341.survivor
WHERE t341.steps < 20) SELECT survivor
FROM t341
ORDER BY steps DESC LIMIT 1) END) WHEN 'client_relationship' THEN 
(SELECT ('{"id":"' || (t347.id::text || '"}'))
FROM api.client_relationship AS t347
WHERE t347.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client_relationship AS t344
WHERE t344.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t345 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t346.survivor_id, t345.steps + 1
FROM t345 JOIN api.forward AS t346 ON t346.loser_id = t345.survivor
WHERE t345.steps < 20) SELECT survivor
FROM t345
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_account' THEN 
(SELECT ('{"id":"' || (t351.id::text || '"}'))
FROM api.billing_account AS t351
WHERE t351.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_account AS t348
WHERE t348.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t349 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t350.survivor_id, t349.steps + 1
FROM t349 JOIN api.forward AS t350 ON t350.loser_id = t349.survivor
WHERE t349.steps < 20) SELECT survivor
FROM t349
ORDER BY steps DESC LIMIT 1) END) WHEN 'opportunity' THEN 
(SELECT ('{"id":"' || (t355.id::text || '"}'))
FROM api.opportunity AS t355
WHERE t355.id =
CASE WHEN EXISTS 
(SELECT
FROM api.opportunity AS t352
WHERE t352.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t353 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t354.survivor_id, t353.steps + 1
FROM t353 JOIN api.forward AS t354 ON t354.loser_id = t353.survivor
WHERE t353.steps < 20) SELECT survivor
FROM t353
ORDER BY steps DESC LIMIT 1) END) WHEN 'contract' THEN 
(SELECT ('{"id":"' || (t359.id::text || '"}'))
FROM api.contract AS t359
WHERE t359.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contract AS t356
WHERE t356.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t357 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t358.survivor_id, t357.steps + 1
FROM t357 JOIN api.forward AS t358 ON t358.loser_id = t357.survivor
WHERE t357.steps < 20) SELECT survivor
FROM t357
ORDER BY steps DESC LIMIT 1) END) WHEN 'contract_line' THEN 
(SELECT ('{"id":"' || (t363.id::text || '"}'))
FROM api.contract_line AS t363
WHERE t363.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contract_line AS t360
WHERE t360.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t361 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t362.survivor_id, t361.steps + 1
FROM t361 JOIN api.forward AS t362 ON t362.loser_id = t361.survivor
WHERE t361.steps < 20) SELECT survivor
FROM t361
ORDER BY steps DESC LIMIT 1) END) WHEN 'rate_card' THEN 
(SELECT ('{"id":"' || (t367.id::text || '"}'))
FROM api.rate_card AS t367
WHERE t367.id =
CASE WHEN EXISTS 
(SELECT
FROM api.rate_card AS t364
WHERE t364.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t365 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t366.survivor_id, t365.steps + 1
FROM t365 JOIN api.forward AS t366 ON t366.loser_id = t365.survivor
WHERE t365.steps < 20) SELECT survivor
FROM t365
ORDER BY steps DESC LIMIT 1) END) WHEN 'rate_line' THEN 
(SELECT ('{"id":"' || (t371.id::text || '"}'))
FROM api.rate_line AS t371
WHERE t371.id =
CASE WHEN EXISTS 
(SELECT
FROM api.rate_line AS t368
WHERE t368.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t369 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t370.survivor_id, t369.steps + 1
FROM t369 JOIN api.forward AS t370 ON t370.loser_id = t369.survivor
WHERE t369.steps < 20) SELECT survivor
FROM t369
ORDER BY steps DESC LIMIT 1) END) WHEN 'client_purchase_order' THEN 
(SELECT ('{"id":"' || (t375.id::text || '"}'))
FROM api.client_purchase_order AS t375
WHERE t375.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client_purchase_order AS t372
WHERE t372.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t373 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t374.survivor_id, t373.steps + 1
FROM t373 JOIN api.forward AS t374 ON t374.loser_id = t373.survivor
WHERE t373.steps < 20) SELECT survivor
FROM t373
ORDER BY steps DESC LIMIT 1) END) WHEN 'engagement' THEN 
(SELECT ('{"id":"' || (t379.id::text || '"}'))
FROM api.engagement AS t379
WHERE t379.id =
CASE WHEN EXISTS 
(SELECT
FROM api.engagement AS t376
WHERE t376.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t377 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t378.survivor_id, t377.steps + 1
FROM t377 JOIN api.forward AS t378 ON t378.loser_id = t377.survivor
WHERE t377.steps < 20) SELECT survivor
FROM t377
ORDER BY steps DESC LIMIT 1) END) WHEN 'project_template' THEN 
(SELECT ('{"id":"' || (t383.id::text || '"}'))
FROM api.project_template AS t383
WHERE t383.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project_template AS t380
WHERE t380.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t381 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t382.survivor_id, t381.steps + 1
FROM t381 JOIN api.forward AS t382 ON t382.loser_id = t381.survivor
WHERE t381.steps < 20) SELECT survivor
FROM t381
ORDER BY steps DESC LIMIT 1) END) WHEN 'project' THEN 
(SELECT ('{"id":"' || (t387.id::text || '"}'))
FROM api.project AS t387
WHERE t387.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project AS t384
WHERE t384.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t385 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t386.survivor_id, t385.steps + 1
FROM t385 JOIN api.forward AS t386 ON t386.loser_id = t385.survivor
WHERE t385.steps < 20) SELECT survivor
FROM t385
ORDER BY steps DESC LIMIT 1) END) WHEN 'project_financials' THEN 
(SELECT ('{"id":"' || (t391.id::text || '"}'))
FROM api.project_financials AS t391
WHERE t391.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project_financials AS t388
WHERE t388.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t389 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t390.survivor_id, t389.steps + 1
FROM t389 JOIN api.forward AS t390 ON t390.loser_id = t389.survivor
WHERE t389.steps < 20) SELECT survivor
FROM t389
ORDER BY steps DESC LIMIT 1) END) WHEN 'task' THEN 
(SELECT ('{"id":"' || (t395.id::text || '"}'))
FROM api.task AS t395
WHERE t395.id =
CASE WHEN EXISTS 
(SELECT
FROM api.task AS t392
WHERE t392.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t393 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t394.survivor_id, t393.steps + 1
FROM t393 JOIN api.forward AS t394 ON t394.loser_id = t393.survivor
WHERE t393.steps < 20) SELECT survivor
FROM t393
ORDER BY steps DESC LIMIT 1) END) WHEN 'assignment' THEN 
(SELECT ('{"id":"' || (t399.id::text || '"}'))
FROM api.assignment AS t399
WHERE t399.id =
CASE WHEN EXISTS 
(SELECT
FROM api.assignment AS t396
WHERE t396.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t397 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t398.survivor_id, t397.steps + 1
FROM t397 JOIN api.forward AS t398 ON t398.loser_id = t397.survivor
WHERE t397.steps < 20) SELECT survivor
FROM t397
ORDER BY steps DESC LIMIT 1) END) WHEN 'contract_threshold' THEN 
(SELECT ('{"id":"' || (t403.id::text || '"}'))
FROM api.contract_threshold AS t403
WHERE t403.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contract_threshold AS t400
WHERE t400.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t401 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t402.survivor_id, t401.steps + 1
FROM t401 JOIN api.forward AS t402 ON t402.loser_id = t401.survivor
WHERE t401.steps < 20) SELECT survivor
FROM t401
ORDER BY steps DESC LIMIT 1) END) WHEN 'change_order' THEN 
(SELECT ('{"id":"' || (t407.id::text || '"}'))
FROM api.change_order AS t407
WHERE t407.id =
CASE WHEN EXISTS 
(SELECT
FROM api.change_order AS t404
WHERE t404.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t405 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t406.survivor_id, t405.steps + 1
FROM t405 JOIN api.forward AS t406 ON t406.loser_id = t405.survivor
WHERE t405.steps < 20) SELECT survivor
FROM t405
ORDER BY steps DESC LIMIT 1) END) WHEN 'time_entry' THEN 
(SELECT ('{"id":"' || (t411.id::text || '"}'))
FROM api.time_entry AS t411
WHERE t411.id =
CASE WHEN EXISTS 
(SELECT
FROM api.time_entry AS t408
WHERE t408.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t409 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t410.survivor_id, t409.steps + 1
FROM t409 JOIN api.forward AS t410 ON t410.loser_id = t409.survivor
WHERE t409.steps < 20) SELECT survivor
FROM t409
ORDER BY steps DESC LIMIT 1) END) WHEN 'expense_report' THEN 
(SELECT ('{"id":"' || (t415.id::text || '"}'))
FROM api.expense_report AS t415
WHERE t415.id =
CASE WHEN EXISTS 
(SELECT
FROM api.expense_report AS t412
WHERE t412.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t413 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t414.survivor_id, t413.steps + 1
FROM t413 JOIN api.forward AS t414 ON t414.loser_id = t413.survivor
WHERE t413.steps < 20) SELECT survivor
FROM t413
ORDER BY steps DESC LIMIT 1) END) WHEN 'expense' THEN 
(SELECT ('{"id":"' || (t419.id::text || '"}'))
FROM api.expense AS t419
WHERE t419.id =
CASE WHEN EXISTS 
(SELECT
FROM api.expense AS t416
WHERE t416.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t417 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t418.survivor_id, t417.steps + 1
FROM t417 JOIN api.forward AS t418 ON t418.loser_id = t417.survivor
WHERE t417.steps < 20) SELECT survivor
FROM t417
ORDER BY steps DESC LIMIT 1) END) WHEN 'milestone' THEN 
(SELECT ('{"id":"' || (t423.id::text || '"}'))
FROM api.milestone AS t423
WHERE t423.id =
CASE WHEN EXISTS 
(SELECT
FROM api.milestone AS t420
WHERE t420.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t421 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t422.survivor_id, t421.steps + 1
FROM t421 JOIN api.forward AS t422 ON t422.loser_id = t421.survivor
WHERE t421.steps < 20) SELECT survivor
FROM t421
ORDER BY steps DESC LIMIT 1) END) WHEN 'purchase_order' THEN 
(SELECT ('{"id":"' || (t427.id::text || '"}'))
FROM api.purchase_order AS t427
WHERE t427.id =
CASE WHEN EXISTS 
(SELECT
FROM api.purchase_order AS t424
WHERE t424.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t425 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t426.survivor_id, t425.steps + 1
FROM t425 JOIN api.forward AS t426 ON t426.loser_id = t425.survivor
WHERE t425.steps < 20) SELECT survivor
FROM t425
ORDER BY steps DESC LIMIT 1) END) WHEN 'purchase_order_line' THEN 
(SELECT ('{"id":"' || (t431.id::text || '"}'))
FROM api.purchase_order_line AS t431
WHERE t431.id =
CASE WHEN EXISTS 
(SELECT
FROM api.purchase_order_line AS t428
WHERE t428.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t429 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t430.survivor_id, t429.steps + 1
FROM t429 JOIN api.forward AS t430 ON t430.loser_id = t429.survivor
WHERE t429.steps < 20) SELECT survivor
FROM t429
ORDER BY steps DESC LIMIT 1) END) WHEN 'cost_item' THEN 
(SELECT ('{"id":"' || (t435.id::text || '"}'))
FROM api.cost_item AS t435
WHERE t435.id =
CASE WHEN EXISTS 
(SELECT
FROM api.cost_item AS t432
WHERE t432.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t433 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t434.survivor_id, t433.steps + 1
FROM t433 JOIN api.forward AS t434 ON t434.loser_id = t433.survivor
WHERE t433.steps < 20) SELECT survivor
FROM t433
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_schedule' THEN 
(SELECT ('{"id":"' || (t439.id::text || '"}'))
FROM api.billing_schedule AS t439
WHERE t439.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_schedule AS t436
WHERE t436.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t437 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t438.survivor_id, t437.steps + 1
FROM t437 JOIN api.forward AS t438 ON t438.loser_id = t437.survivor
WHERE t437.steps < 20) SELECT survivor
FROM t437
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_schedule_line' THEN 
(SELECT ('{"id":"' || (t443.id::text || '"}'))
FROM api.billing_schedule_line AS t443
WHERE t443.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_schedule_line AS t440
WHERE t440.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t441 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t442.survivor_id, t441.steps + 1
FROM t441 JOIN api.forward AS t442 ON t442.loser_id = t441.survivor
WHERE t441.steps < 20) SELECT survivor
FROM t441
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_hold' THEN 
(SELECT ('{"id":"' || (t447.id::text || '"}'))
FROM api.billing_hold AS t447
WHERE t447.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_hold AS t444
WHERE t444.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t445 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t446.survivor_id, t445.steps + 1
FROM t445 JOIN api.forward AS t446 ON t446.loser_id = t445.survivor
WHERE t445.steps < 20) SELECT survivor
FROM t445
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_batch' THEN 
(SELECT ('{"id":"' || (t451.id::text || '"}'))
FROM api.billing_batch AS t451
WHERE t451.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_batch AS t448
WHERE t448.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t449 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t450.survivor_id, t449.steps + 1
FROM t449 JOIN api.forward AS t450 ON t450.loser_id = t449.survivor
WHERE t449.steps < 20) SELECT survivor
FROM t449
ORDER BY steps DESC LIMIT 1) END) WHEN 'billable_item' THEN 
(SELECT ('{"id":"' || (t455.id::text || '"}'))
FROM api.billable_item AS t455
WHERE t455.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billable_item AS t452
WHERE t452.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t453 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t454.survivor_id, t453.steps + 1
FROM t453 JOIN api.forward AS t454 ON t454.loser_id = t453.survivor
WHERE t453.steps < 20) SELECT survivor
FROM t453
ORDER BY steps DESC LIMIT 1) END) WHEN 'invoice' THEN 
(SELECT ('{"id":"' || (t459.id::text || '"}'))
FROM api.invoice AS t459
WHERE t459.id =
CASE WHEN EXISTS 
(SELECT
FROM api.invoice AS t456
WHERE t456.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t457 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t458.survivor_id, t457.steps + 1
FROM t457 JOIN api.forward AS t458 ON t458.loser_id = t457.survivor
WHERE t457.steps < 20) SELECT survivor
FROM t457
ORDER BY steps DESC LIMIT 1) END) WHEN 'credit_memo' THEN 
(SELECT ('{"id":"' || (t463.id::text || '"}'))
FROM api.credit_memo AS t463
WHERE t463.id =
CASE WHEN EXISTS 
(SELECT
FROM api.credit_memo AS t460
WHERE t460.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t461 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t462.survivor_id, t461.steps + 1
FROM t461 JOIN api.forward AS t462 ON t462.loser_id = t461.survivor
WHERE t461.steps < 20) SELECT survivor
FROM t461
ORDER BY steps DESC LIMIT 1) END) WHEN 'invoice_line' THEN 
(SELECT ('{"id":"' || (t467.id::text || '"}'))
FROM api.invoice_line AS t467
WHERE t467.id =
CASE WHEN EXISTS 
(SELECT
FROM api.invoice_line AS t464
WHERE t464.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t465 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t466.survivor_id, t465.steps + 1
FROM t465 JOIN api.forward AS t466 ON t466.loser_id = t465.survivor
WHERE t465.steps < 20) SELECT survivor
FROM t465
ORDER BY steps DESC LIMIT 1) END) WHEN 'payment' THEN 
(SELECT ('{"id":"' || (t471.id::text || '"}'))
FROM api.payment AS t471
WHERE t471.id =
CASE WHEN EXISTS 
(SELECT
FROM api.payment AS t468
WHERE t468.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t469 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t470.survivor_id, t469.steps + 1
FROM t469 JOIN api.forward AS t470 ON t470.loser_id = t469.survivor
WHERE t469.steps < 20) SELECT survivor
FROM t469
ORDER BY steps DESC LIMIT 1) END) WHEN 'payment_application' THEN 
(SELECT ('{"id":"' || (t475.id::text || '"}'))
FROM api.payment_application AS t475
WHERE t475.id =
CASE WHEN EXISTS 
(SELECT
FROM api.payment_application AS t472
WHERE t472.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t473 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t474.survivor_id, t473.steps + 1
FROM t473 JOIN api.forward AS t474 ON t474.loser_id = t473.survivor
WHERE t473.steps < 20) SELECT survivor
FROM t473
ORDER BY steps DESC LIMIT 1) END) WHEN 'collection_case' THEN 
(SELECT ('{"id":"' || (t479.id::text || '"}'))
FROM api.collection_case AS t479
WHERE t479.id =
CASE WHEN EXISTS 
(SELECT
FROM api.collection_case AS t476
WHERE t476.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t477 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t478.survivor_id, t477.steps + 1
FROM t477 JOIN api.forward AS t478 ON t478.loser_id = t477.survivor
WHERE t477.steps < 20) SELECT survivor
FROM t477
ORDER BY steps DESC LIMIT 1) END) WHEN 'posting' THEN 
(SELECT ('{"id":"' || (t483.id::text || '"}'))
FROM api.posting AS t483
WHERE t483.id =
CASE WHEN EXISTS 
(SELECT
FROM api.posting AS t480
WHERE t480.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t481 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t482.survivor_id, t481.steps + 1
FROM t481 JOIN api.forward AS t482 ON t482.loser_id = t481.survivor
WHERE t481.steps < 20) SELECT survivor
FROM t481
ORDER BY steps DESC LIMIT 1) END) WHEN 'posting_line' THEN 
(SELECT ('{"id":"' || (t487.id::text || '"}'))
FROM api.posting_line AS t487
WHERE t487.id =
CASE WHEN EXISTS 
(SELECT
FROM api.posting_line AS t484
WHERE t484.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t485 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t486.survivor_id, t485.steps + 1
FROM t485 JOIN api.forward AS t486 ON t486.loser_id = t485.survivor
WHERE t485.steps < 20) SELECT survivor
FROM t485
ORDER BY steps DESC LIMIT 1) END) WHEN 'revenue_schedule' THEN 
(SELECT ('{"id":"' || (t491.id::text || '"}'))
FROM api.revenue_schedule AS t491
WHERE t491.id =
CASE WHEN EXISTS 
(SELECT
FROM api.revenue_schedule AS t488
WHERE t488.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t489 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t490.survivor_id, t489.steps + 1
FROM t489 JOIN api.forward AS t490 ON t490.loser_id = t489.survivor
WHERE t489.steps < 20) SELECT survivor
FROM t489
ORDER BY steps DESC LIMIT 1) END) WHEN 'revenue_schedule_line' THEN 
(SELECT ('{"id":"' || (t495.id::text || '"}'))
FROM api.revenue_schedule_line AS t495
WHERE t495.id =
CASE WHEN EXISTS 
(SELECT
FROM api.revenue_schedule_line AS t492
WHERE t492.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t493 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t494.survivor_id, t493.steps + 1
FROM t493 JOIN api.forward AS t494 ON t494.loser_id = t493.survivor
WHERE t493.steps < 20) SELECT survivor
FROM t493
ORDER BY steps DESC LIMIT 1) END) WHEN 'revenue_event' THEN 
(SELECT ('{"id":"' || (t499.id::text || '"}'))
FROM api.revenue_event AS t499
WHERE t499.id =
CASE WHEN EXISTS 
(SELECT
FROM api.revenue_event AS t496
WHERE t496.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t497 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t498.survivor_id, t497.steps + 1
FROM t497 JOIN api.forward AS t498 ON t498.loser_id = t497.survivor
WHERE t497.steps < 20) SELECT survivor
FROM t497
ORDER BY steps DESC LIMIT 1) END) WHEN 'wip_balance' THEN 
(SELECT ('{"id":"' || (t503.id::text || '"}'))
FROM api.wip_balance AS t503
WHERE t503.id =
CASE WHEN EXISTS 
(SELECT
FROM api.wip_balance AS t500
WHERE t500.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t501 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t502.survivor_id, t501.steps + 1
FROM t501 JOIN api.forward AS t502 ON t502.loser_id = t501.survivor
WHERE t501.steps < 20) SELECT survivor
FROM t501
ORDER BY steps DESC LIMIT 1) END) WHEN 'forecast' THEN 
(SELECT ('{"id":"' || (t507.id::text || '"}'))
FROM api.forecast AS t507
WHERE t507.id =
CASE WHEN EXISTS 
(SELECT
FROM api.forecast AS t504
WHERE t504.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t505 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t506.survivor_id, t505.steps + 1
FROM t505 JOIN api.forward AS t506 ON t506.loser_id = t505.survivor
WHERE t505.steps < 20) SELECT survivor
FROM t505
ORDER BY steps DESC LIMIT 1) END) WHEN 'forecast_line' THEN 
(SELECT ('{"id":"' || (t511.id::text || '"}'))
FROM api.forecast_line AS t511
WHERE t511.id =
CASE WHEN EXISTS 
(SELECT
FROM api.forecast_line AS t508
WHERE t508.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t509 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t510.survivor_id, t509.steps + 1
FROM t509 JOIN api.forward AS t510 ON t510.loser_id = t509.survivor
WHERE t509.steps < 20) SELECT survivor
FROM t509
ORDER BY steps DESC LIMIT 1) END) WHEN 'project_actuals' THEN 
(SELECT ('{"id":"' || (t515.id::text || '"}'))
FROM api.project_actuals AS t515
WHERE t515.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project_actuals AS t512
WHERE t512.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t513 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t514.survivor_id, t513.steps + 1
FROM t513 JOIN api.forward AS t514 ON t514.loser_id = t513.survivor
WHERE t513.steps < 20) SELECT survivor
FROM t513
ORDER BY steps DESC LIMIT 1) END) WHEN 'utilisation_snapshot' THEN 
(SELECT ('{"id":"' || (t519.id::text || '"}'))
FROM api.utilisation_snapshot AS t519
WHERE t519.id =
CASE WHEN EXISTS 
(SELECT
FROM api.utilisation_snapshot AS t516
WHERE t516.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t517 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t518.survivor_id, t517.steps + 1
FROM t517 JOIN api.forward AS t518 ON t518.loser_id = t517.survivor
WHERE t517.steps < 20) SELECT survivor
FROM t517
ORDER BY steps DESC LIMIT 1) END) WHEN 'profitability_snapshot' THEN 
(SELECT ('{"id":"' || (t523.id::text || '"}'))
FROM api.profitability_snapshot AS t523
WHERE t523.id =
CASE WHEN EXISTS 
(SELECT
FROM api.profitability_snapshot AS t520
WHERE t520.id = $2::uuid) THEN $2::uuid
ELSE (WITH RECURSIVE t521 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $2::uuid
UNION ALL SELECT t522.survivor_id, t521.steps + 1
FROM t521 JOIN api.forward AS t522 ON t522.loser_id = t521.survivor
WHERE t521.steps < 20) SELECT survivor
FROM t521
ORDER BY steps DESC LIMIT 1) END) END, 'null'), 'UTF8'), convert_to(coalesce(CASE 
(SELECT t524.entity
FROM api.change t524
WHERE t524.golden_id = $3::uuid
ORDER BY t524.version LIMIT 1) WHEN 'currency' THEN 
(SELECT ('{"id":"' || (t528.id::text || '"}'))
FROM api.currency AS t528
WHERE t528.id =
CASE WHEN EXISTS 
(SELECT
FROM api.currency AS t525
WHERE t525.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t526 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t527.survivor_id, t526.steps + 1
FROM t526 JOIN api.forward AS t527 ON t527.loser_id = t526.survivor
WHERE t526.steps < 20) SELECT survivor
FROM t526
ORDER BY steps DESC LIMIT 1) END) WHEN 'fiscal_calendar' THEN 
(SELECT ('{"id":"' || (t532.id::text || '"}'))
FROM api.fiscal_calendar AS t532
WHERE t532.id =
CASE WHEN EXISTS 
(SELECT
FROM api.fiscal_calendar AS t529
WHERE t529.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t530 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t531.survivor_id, t530.steps + 1
FROM t530 JOIN api.forward AS t531 ON t531.loser_id = t530.survivor
WHERE t530.steps < 20) SELECT survivor
FROM t530
ORDER BY steps DESC LIMIT 1) END) WHEN 'legal_entity' THEN 
(SELECT ('{"id":"' || (t536.id::text || '"}'))
FROM api.legal_entity AS t536
WHERE t536.id =
CASE WHEN EXISTS 
(SELECT
FROM api.legal_entity AS t533
WHERE t533.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t534 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t535.survivor_id, t534.steps + 1
FROM t534 JOIN api.forward AS t535 ON t535.loser_id = t534.survivor
WHERE t534.steps < 20) SELECT survivor
FROM t534
ORDER BY steps DESC LIMIT 1) END) WHEN 'region' THEN 
(SELECT ('{"id":"' || (t540.id::text || '"}'))
FROM api.region AS t540
WHERE t540.id =
CASE WHEN EXISTS 
(SELECT
FROM api.region AS t537
WHERE t537.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t538 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t539.survivor_id, t538.steps + 1
FROM t538 JOIN api.forward AS t539 ON t539.loser_id = t538.survivor
WHERE t538.steps < 20) SELECT survivor
FROM t538
ORDER BY steps DESC LIMIT 1) END) WHEN 'regional_policy' THEN 
(SELECT ('{"id":"' || (t544.id::text || '"}'))
FROM api.regional_policy AS t544
WHERE t544.id =
CASE WHEN EXISTS 
(SELECT
FROM api.regional_policy AS t541
WHERE t541.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t542 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t543.survivor_id, t542.steps + 1
FROM t542 JOIN api.forward AS t543 ON t543.loser_id = t542.survivor
WHERE t542.steps < 20) SELECT survivor
FROM t542
ORDER BY steps DESC LIMIT 1) END) WHEN 'cost_centre' THEN 
(SELECT ('{"id":"' || (t548.id::text || '"}'))
FROM api.cost_centre AS t548
WHERE t548.id =
CASE WHEN EXISTS 
(SELECT
FROM api.cost_centre AS t545
WHERE t545.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t546 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t547.survivor_id, t546.steps + 1
FROM t546 JOIN api.forward AS t547 ON t547.loser_id = t546.survivor
WHERE t546.steps < 20) SELECT survivor
FROM t546
ORDER BY steps DESC LIMIT 1) END) WHEN 'ledger_account' THEN 
(SELECT ('{"id":"' || (t552.id::text || '"}'))
FROM api.ledger_account AS t552
WHERE t552.id =
CASE WHEN EXISTS 
(SELECT
FROM api.ledger_account AS t549
WHERE t549.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t550 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t551.survivor_id, t550.steps + 1
FROM t550 JOIN api.forward AS t551 ON t551.loser_id = t550.survivor
WHERE t550.steps < 20) SELECT survivor
FROM t550
ORDER BY steps DESC LIMIT 1) END) WHEN 'service_line' THEN 
(SELECT ('{"id":"' || (t556.id::text || '"}'))
FROM api.service_line AS t556
WHERE t556.id =
CASE WHEN EXISTS 
(SELECT
FROM api.service_line AS t553
WHERE t553.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t554 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t555.survivor_id, t554.steps + 1
FROM t554 JOIN api.forward AS t555 ON t555.loser_id = t554.survivor
WHERE t554.steps < 20) SELECT survivor
FROM t554
ORDER BY steps DESC LIMIT 1) END) WHEN 'service_item' THEN 
(SELECT ('{"id":"' || (t560.id::text || '"}'))
FROM api.service_item AS t560
WHERE t560.id =
CASE WHEN EXISTS 
(SELECT
FROM api.service_item AS t557
WHERE t557.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t558 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t559.survivor_id, t558.steps + 1
FROM t558 JOIN api.forward AS t559 ON t559.loser_id = t558.survivor
WHERE t558.steps < 20) SELECT survivor
FROM t558
ORDER BY steps DESC LIMIT 1) END) WHEN 'account_map' THEN 
(SELECT ('{"id":"' || (t564.id::text || '"}'))
FROM api.account_map AS t564
WHERE t564.id =
CASE WHEN EXISTS 
(SELECT
FROM api.account_map AS t561
WHERE t561.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t562 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t563.survivor_id, t562.steps + 1
FROM t562 JOIN api.forward AS t563 ON t563.loser_id = t562.survivor
WHERE t562.steps < 20) SELECT survivor
FROM t562
ORDER BY steps DESC LIMIT 1) END) WHEN 'tax_code' THEN 
(SELECT ('{"id":"' || (t568.id::text || '"}'))
FROM api.tax_code AS t568
WHERE t568.id =
CASE WHEN EXISTS 
(SELECT
FROM api.tax_code AS t565
WHERE t565.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t566 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t567.survivor_id, t566.steps + 1
FROM t566 JOIN api.forward AS t567 ON t567.loser_id = t566.survivor
WHERE t566.steps < 20) SELECT survivor
FROM t566
ORDER BY steps DESC LIMIT 1) END) WHEN 'tax_rule' THEN 
(SELECT ('{"id":"' || (t572.id::text || '"}'))
FROM api.tax_rule AS t572
WHERE t572.id =
CASE WHEN EXISTS 
(SELECT
FROM api.tax_rule AS t569
WHERE t569.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t570 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t571.survivor_id, t570.steps + 1
FROM t570 JOIN api.forward AS t571 ON t571.loser_id = t570.survivor
WHERE t570.steps < 20) SELECT survivor
FROM t570
ORDER BY steps DESC LIMIT 1) END) WHEN 'exchange_rate' THEN 
(SELECT ('{"id":"' || (t576.id::text || '"}'))
FROM api.exchange_rate AS t576
WHERE t576.id =
CASE WHEN EXISTS 
(SELECT
FROM api.exchange_rate AS t573
WHERE t573.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t574 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t575.survivor_id, t574.steps + 1
FROM t574 JOIN api.forward AS t575 ON t575.loser_id = t574.survivor
WHERE t574.steps < 20) SELECT survivor
FROM t574
ORDER BY steps DESC LIMIT 1) END) WHEN 'accounting_period' THEN 
(SELECT ('{"id":"' || (t580.id::text || '"}'))
FROM api.accounting_period AS t580
WHERE t580.id =
CASE WHEN EXISTS 
(SELECT
FROM api.accounting_period AS t577
WHERE t577.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t578 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t579.survivor_id, t578.steps + 1
FROM t578 JOIN api.forward AS t579 ON t579.loser_id = t578.survivor
WHERE t578.steps < 20) SELECT survivor
FROM t578
ORDER BY steps DESC LIMIT 1) END) WHEN 'interface_entry' THEN 
(SELECT ('{"id":"' || (t584.id::text || '"}'))
FROM api.interface_entry AS t584
WHERE t584.id =
CASE WHEN EXISTS 
(SELECT
FROM api.interface_entry AS t581
WHERE t581.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t582 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t583.survivor_id, t582.steps + 1
FROM t582 JOIN api.forward AS t583 ON t583.loser_id = t582.survivor
WHERE t582.steps < 20) SELECT survivor
FROM t582
ORDER BY steps DESC LIMIT 1) END) WHEN 'vendor' THEN 
(SELECT ('{"id":"' || (t588.id::text || '"}'))
FROM api.vendor AS t588
WHERE t588.id =
CASE WHEN EXISTS 
(SELECT
FROM api.vendor AS t585
WHERE t585.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t586 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t587.survivor_id, t586.steps + 1
FROM t586 JOIN api.forward AS t587 ON t587.loser_id = t586.survivor
WHERE t586.steps < 20) SELECT survivor
FROM t586
ORDER BY steps DESC LIMIT 1) END) WHEN 'resource' THEN 
(SELECT ('{"id":"' || (t592.id::text || '"}'))
FROM api.resource AS t592
WHERE t592.id =
CASE WHEN EXISTS 
(SELECT
FROM api.resource AS t589
WHERE t589.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t590 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t591.survivor_id, t590.steps + 1
FROM t590 JOIN api.forward AS t591 ON t591.loser_id = t590.survivor
WHERE t590.steps < 20) SELECT survivor
FROM t590
ORDER BY steps DESC LIMIT 1) END) WHEN 'client' THEN 
(SELECT ('{"id":"' || (t596.id::text || '"}'))
FROM api.client AS t596
WHERE t596.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client AS t593
WHERE t593.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t594 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t595.survivor_id, t594.steps + 1
FROM t594 JOIN api.forward AS t595 ON t595.loser_id = t594.survivor
WHERE t594.steps < 20) SELECT survivor
FROM t594
ORDER BY steps DESC LIMIT 1) END) WHEN 'client_site' THEN 
(SELECT ('{"id":"' || (t600.id::text || '"}'))
FROM api.client_site AS t600
WHERE t600.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client_site AS t597
WHERE t597.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t598 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t599.survivor_id, t598.steps + 1
FROM t598 JOIN api.forward AS t599 ON t599.loser_id = t598.survivor
WHERE t598.steps < 20) SELECT survivor
FROM t598
ORDER BY steps DESC LIMIT 1) END) WHEN 'contact' THEN 
(SELECT ('{"id":"' || (t604.id::text || '"}'))
FROM api.contact AS t604
WHERE t604.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contact AS t601
WHERE t601.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t602 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t603.survivor_id, t602.steps + 1
FROM t602 JOIN api.forward AS t603 ON t603.loser_id = t602.survivor
WHERE t602.steps < 20) SELECT survivor
FROM t602
ORDER BY steps DESC LIMIT 1) END) WHEN 'client_relationship' THEN 
(SELECT ('{"id":"' || (t608.id::text || '"}'))
FROM api.client_relationship AS t608
WHERE t608.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client_relationship AS t605
WHERE t605.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t606 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t607.survivor_id, t606.steps + 1
FROM t606 JOIN api.forward AS t607 ON t607.loser_id = t606.survivor
WHERE t606.steps < 20) SELECT survivor
FROM t606
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_account' THEN 
(SELECT ('{"id":"' || (t612.id::text || '"}'))
FROM api.billing_account AS t612
WHERE t612.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_account AS t609
WHERE t609.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t610 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t611.survivor_id, t610.steps + 1
FROM t610 JOIN api.forward AS t611 ON t611.loser_id = t610.survivor
WHERE t610.steps < 20) SELECT survivor
FROM t610
ORDER BY steps DESC LIMIT 1) END) WHEN 'opportunity' THEN 
(SELECT ('{"id":"' || (t616.id::text || '"}'))
FROM api.opportunity AS t616
WHERE t616.id =
CASE WHEN EXISTS 
(SELECT
FROM api.opportunity AS t613
WHERE t613.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t614 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t615.survivor_id, t614.steps + 1
FROM t614 JOIN api.forward AS t615 ON t615.loser_id = t614.survivor
WHERE t614.steps < 20) SELECT survivor
FROM t614
ORDER BY steps DESC LIMIT 1) END) WHEN 'contract' THEN 
(SELECT ('{"id":"' || (t620.id::text || '"}'))
FROM api.contract AS t620
WHERE t620.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contract AS t617
WHERE t617.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t618 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t619.survivor_id, t618.steps + 1
FROM t618 JOIN api.forward AS t619 ON t619.loser_id = t618.survivor
WHERE t618.steps < 20) SELECT survivor
FROM t618
ORDER BY steps DESC LIMIT 1) END) WHEN 'contract_line' THEN 
(SELECT ('{"id":"' || (t624.id::text || '"}'))
FROM api.contract_line AS t624
WHERE t624.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contract_line AS t621
WHERE t621.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t622 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t623.survivor_id, t622.steps + 1
FROM t622 JOIN api.forward AS t623 ON t623.loser_id = t622.survivor
WHERE t622.steps < 20) SELECT survivor
FROM t622
ORDER BY steps DESC LIMIT 1) END) WHEN 'rate_card' THEN 
(SELECT ('{"id":"' || (t628.id::text || '"}'))
FROM api.rate_card AS t628
WHERE t628.id =
CASE WHEN EXISTS 
(SELECT
FROM api.rate_card AS t625
WHERE t625.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t626 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t627.survivor_id, t626.steps + 1
FROM t626 JOIN api.forward AS t627 ON t627.loser_id = t626.survivor
WHERE t626.steps < 20) SELECT survivor
FROM t626
ORDER BY steps DESC LIMIT 1) END) WHEN 'rate_line' THEN 
(SELECT ('{"id":"' || (t632.id::text || '"}'))
FROM api.rate_line AS t632
WHERE t632.id =
CASE WHEN EXISTS 
(SELECT
FROM api.rate_line AS t629
WHERE t629.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t630 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t631.survivor_id, t630.steps + 1
FROM t630 JOIN api.forward AS t631 ON t631.loser_id = t630.survivor
WHERE t630.steps < 20) SELECT survivor
FROM t630
ORDER BY steps DESC LIMIT 1) END) WHEN 'client_purchase_order' THEN 
(SELECT ('{"id":"' || (t636.id::text || '"}'))
FROM api.client_purchase_order AS t636
WHERE t636.id =
CASE WHEN EXISTS 
(SELECT
FROM api.client_purchase_order AS t633
WHERE t633.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t634 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t635.survivor_id, t634.steps + 1
FROM t634 JOIN api.forward AS t635 ON t635.loser_id = t634.survivor
WHERE t634.steps < 20) SELECT survivor
FROM t634
ORDER BY steps DESC LIMIT 1) END) WHEN 'engagement' THEN 
(SELECT ('{"id":"' || (t640.id::text || '"}'))
FROM api.engagement AS t640
WHERE t640.id =
CASE WHEN EXISTS 
(SELECT
FROM api.engagement AS t637
WHERE t637.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t638 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t639.survivor_id, t638.steps + 1
FROM t638 JOIN api.forward AS t639 ON t639.loser_id = t638.survivor
WHERE t638.steps < 20) SELECT survivor
FROM t638
ORDER BY steps DESC LIMIT 1) END) WHEN 'project_template' THEN 
(SELECT ('{"id":"' || (t644.id::text || '"}'))
FROM api.project_template AS t644
WHERE t644.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project_template AS t641
WHERE t641.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t642 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t643.survivor_id, t642.steps + 1
FROM t642 JOIN api.forward AS t643 ON t643.loser_id = t642.survivor
WHERE t642.steps < 20) SELECT survivor
FROM t642
ORDER BY steps DESC LIMIT 1) END) WHEN 'project' THEN 
(SELECT ('{"id":"' || (t648.id::text || '"}'))
FROM api.project AS t648
WHERE t648.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project AS t645
WHERE t645.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t646 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t647.survivor_id, t646.steps + 1
FROM t646 JOIN api.forward AS t647 ON t647.loser_id = t646.survivor
WHERE t646.steps < 20) SELECT survivor
FROM t646
ORDER BY steps DESC LIMIT 1) END) WHEN 'project_financials' THEN 
(SELECT ('{"id":"' || (t652.id::text || '"}'))
FROM api.project_financials AS t652
WHERE t652.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project_financials AS t649
WHERE t649.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t650 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t651.survivor_id, t650.steps + 1
FROM t650 JOIN api.forward AS t651 ON t651.loser_id = t650.survivor
WHERE t650.steps < 20) SELECT survivor
FROM t650
ORDER BY steps DESC LIMIT 1) END) WHEN 'task' THEN 
(SELECT ('{"id":"' || (t656.id::text || '"}'))
FROM api.task AS t656
WHERE t656.id =
CASE WHEN EXISTS 
(SELECT
FROM api.task AS t653
WHERE t653.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t654 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t655.survivor_id, t654.steps + 1
FROM t654 JOIN api.forward AS t655 ON t655.loser_id = t654.survivor
WHERE t654.steps < 20) SELECT survivor
FROM t654
ORDER BY steps DESC LIMIT 1) END) WHEN 'assignment' THEN 
(SELECT ('{"id":"' || (t660.id::text || '"}'))
FROM api.assignment AS t660
WHERE t660.id =
CASE WHEN EXISTS 
(SELECT
FROM api.assignment AS t657
WHERE t657.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t658 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t659.survivor_id, t658.steps + 1
FROM t658 JOIN api.forward AS t659 ON t659.loser_id = t658.survivor
WHERE t658.steps < 20) SELECT survivor
FROM t658
ORDER BY steps DESC LIMIT 1) END) WHEN 'contract_threshold' THEN 
(SELECT ('{"id":"' || (t664.id::text || '"}'))
FROM api.contract_threshold AS t664
WHERE t664.id =
CASE WHEN EXISTS 
(SELECT
FROM api.contract_threshold AS t661
WHERE t661.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t662 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t663.survivor_id, t662.steps + 1
FROM t662 JOIN api.forward AS t663 ON t663.loser_id = t662.survivor
WHERE t662.steps < 20) SELECT survivor
FROM t662
ORDER BY steps DESC LIMIT 1) END) WHEN 'change_order' THEN 
(SELECT ('{"id":"' || (t668.id::text || '"}'))
FROM api.change_order AS t668
WHERE t668.id =
CASE WHEN EXISTS 
(SELECT
FROM api.change_order AS t665
WHERE t665.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t666 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t667.survivor_id, t666.steps + 1
FROM t666 JOIN api.forward AS t667 ON t667.loser_id = t666.survivor
WHERE t666.steps < 20) SELECT survivor
FROM t666
ORDER BY steps DESC LIMIT 1) END) WHEN 'time_entry' THEN 
(SELECT ('{"id":"' || (t672.id::text || '"}'))
FROM api.time_entry AS t672
WHERE t672.id =
CASE WHEN EXISTS 
(SELECT
FROM api.time_entry AS t669
WHERE t669.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t670 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t671.survivor_id, t670.steps + 1
FROM t670 JOIN api.forward AS t671 ON t671.loser_id = t670.survivor
WHERE t670.steps < 20) SELECT survivor
FROM t670
ORDER BY steps DESC LIMIT 1) END) WHEN 'expense_report' THEN 
(SELECT ('{"id":"' || (t676.id::text || '"}'))
FROM api.expense_report AS t676
WHERE t676.id =
CASE WHEN EXISTS 
(SELECT
FROM api.expense_report AS t673
WHERE t673.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t674 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t675.survivor_id, t674.steps + 1
FROM t674 JOIN api.forward AS t675 ON t675.loser_id = t674.survivor
WHERE t674.steps < 20) SELECT survivor
FROM t674
ORDER BY steps DESC LIMIT 1) END) WHEN 'expense' THEN 
(SELECT ('{"id":"' || (t680.id::text || '"}'))
FROM api.expense AS t680
WHERE t680.id =
CASE WHEN EXISTS 
(SELECT
FROM api.expense AS t677
WHERE t677.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t678 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t679.survivor_id, t678.steps + 1
FROM t678 JOIN api.forward AS t679 ON t679.loser_id = t678.survivor
WHERE t678.steps < 20) SELECT survivor
FROM t678
ORDER BY steps DESC LIMIT 1) END) WHEN 'milestone' THEN 
(SELECT ('{"id":"' || (t684.id::text || '"}'))
FROM api.milestone AS t684
WHERE t684.id =
CASE WHEN EXISTS 
(SELECT
FROM api.milestone AS t681
WHERE t681.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t682 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t683.survivor_id, t682.steps + 1
FROM t682 JOIN api.forward AS t683 ON t683.loser_id = t682.survivor
WHERE t682.steps < 20) SELECT survivor
FROM t682
ORDER BY steps DESC LIMIT 1) END) WHEN 'purchase_order' THEN 
(SELECT ('{"id":"' || (t688.id::text || '"}'))
FROM api.purchase_order AS t688
WHERE t688.id =
CASE WHEN EXISTS 
(SELECT
FROM api.purchase_order AS t685
WHERE t685.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t686 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t687.survivor_id, t686.steps + 1
FROM t686 JOIN api.forward AS t687 ON t687.loser_id = t686.survivor
WHERE t686.steps < 20) SELECT survivor
FROM t686
ORDER BY steps DESC LIMIT 1) END) WHEN 'purchase_order_line' THEN 
(SELECT ('{"id":"' || (t692.id::text || '"}'))
FROM api.purchase_order_line AS t692
WHERE t692.id =
CASE WHEN EXISTS 
(SELECT
FROM api.purchase_order_line AS t689
WHERE t689.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t690 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t691.survivor_id, t690.steps + 1
FROM t690 JOIN api.forward AS t691 ON t691.loser_id = t690.survivor
WHERE t690.steps < 20) SELECT survivor
FROM t690
ORDER BY steps DESC LIMIT 1) END) WHEN 'cost_item' THEN 
(SELECT ('{"id":"' || (t696.id::text || '"}'))
FROM api.cost_item AS t696
WHERE t696.id =
CASE WHEN EXISTS 
(SELECT
FROM api.cost_item AS t693
WHERE t693.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t694 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t695.survivor_id, t694.steps + 1
FROM t694 JOIN api.forward AS t695 ON t695.loser_id = t694.survivor
WHERE t694.steps < 20) SELECT survivor
FROM t694
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_schedule' THEN 
(SELECT ('{"id":"' || (t700.id::text || '"}'))
FROM api.billing_schedule AS t700
WHERE t700.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_schedule AS t697
WHERE t697.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t698 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t699.survivor_id, t698.steps + 1
FROM t698 JOIN api.forward AS t699 ON t699.loser_id = t698.survivor
WHERE t698.steps < 20) SELECT survivor
FROM t698
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_schedule_line' THEN 
(SELECT ('{"id":"' || (t704.id::text || '"}'))
FROM api.billing_schedule_line AS t704
WHERE t704.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_schedule_line AS t701
WHERE t701.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t702 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t703.survivor_id, t702.steps + 1
FROM t702 JOIN api.forward AS t703 ON t703.loser_id = t702.survivor
WHERE t702.steps < 20) SELECT survivor
FROM t702
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_hold' THEN 
(SELECT ('{"id":"' || (t708.id::text || '"}'))
FROM api.billing_hold AS t708
WHERE t708.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_hold AS t705
WHERE t705.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t706 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t707.survivor_id, t706.steps + 1
FROM t706 JOIN api.forward AS t707 ON t707.loser_id = t706.survivor
WHERE t706.steps < 20) SELECT survivor
FROM t706
ORDER BY steps DESC LIMIT 1) END) WHEN 'billing_batch' THEN 
(SELECT ('{"id":"' || (t712.id::text || '"}'))
FROM api.billing_batch AS t712
WHERE t712.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billing_batch AS t709
WHERE t709.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t710 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t711.survivor_id, t710.steps + 1
FROM t710 JOIN api.forward AS t711 ON t711.loser_id = t710.survivor
WHERE t710.steps < 20) SELECT survivor
FROM t710
ORDER BY steps DESC LIMIT 1) END) WHEN 'billable_item' THEN 
(SELECT ('{"id":"' || (t716.id::text || '"}'))
FROM api.billable_item AS t716
WHERE t716.id =
CASE WHEN EXISTS 
(SELECT
FROM api.billable_item AS t713
WHERE t713.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t714 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t715.survivor_id, t714.steps + 1
FROM t714 JOIN api.forward AS t715 ON t715.loser_id = t714.survivor
WHERE t714.steps < 20) SELECT survivor
FROM t714
ORDER BY steps DESC LIMIT 1) END) WHEN 'invoice' THEN 
(SELECT ('{"id":"' || (t720.id::text || '"}'))
FROM api.invoice AS t720
WHERE t720.id =
CASE WHEN EXISTS 
(SELECT
FROM api.invoice AS t717
WHERE t717.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t718 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t719.survivor_id, t718.steps + 1
FROM t718 JOIN api.forward AS t719 ON t719.loser_id = t718.survivor
WHERE t718.steps < 20) SELECT survivor
FROM t718
ORDER BY steps DESC LIMIT 1) END) WHEN 'credit_memo' THEN 
(SELECT ('{"id":"' || (t724.id::text || '"}'))
FROM api.credit_memo AS t724
WHERE t724.id =
CASE WHEN EXISTS 
(SELECT
FROM api.credit_memo AS t721
WHERE t721.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t722 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t723.survivor_id, t722.steps + 1
FROM t722 JOIN api.forward AS t723 ON t723.loser_id = t722.survivor
WHERE t722.steps < 20) SELECT survivor
FROM t722
ORDER BY steps DESC LIMIT 1) END) WHEN 'invoice_line' THEN 
(SELECT ('{"id":"' || (t728.id::text || '"}'))
FROM api.invoice_line AS t728
WHERE t728.id =
CASE WHEN EXISTS 
(SELECT
FROM api.invoice_line AS t725
WHERE t725.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t726 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t727.survivor_id, t726.steps + 1
FROM t726 JOIN api.forward AS t727 ON t727.loser_id = t726.survivor
WHERE t726.steps < 20) SELECT survivor
FROM t726
ORDER BY steps DESC LIMIT 1) END) WHEN 'payment' THEN 
(SELECT ('{"id":"' || (t732.id::text || '"}'))
FROM api.payment AS t732
WHERE t732.id =
CASE WHEN EXISTS 
(SELECT
FROM api.payment AS t729
WHERE t729.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t730 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t731.survivor_id, t730.steps + 1
FROM t730 JOIN api.forward AS t731 ON t731.loser_id = t730.survivor
WHERE t730.steps < 20) SELECT survivor
FROM t730
ORDER BY steps DESC LIMIT 1) END) WHEN 'payment_application' THEN 
(SELECT ('{"id":"' || (t736.id::text || '"}'))
FROM api.payment_application AS t736
WHERE t736.id =
CASE WHEN EXISTS 
(SELECT
FROM api.payment_application AS t733
WHERE t733.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t734 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t735.survivor_id, t734.steps + 1
FROM t734 JOIN api.forward AS t735 ON t735.loser_id = t734.survivor
WHERE t734.steps < 20) SELECT survivor
FROM t734
ORDER BY steps DESC LIMIT 1) END) WHEN 'collection_case' THEN 
(SELECT ('{"id":"' || (t740.id::text || '"}'))
FROM api.collection_case AS t740
WHERE t740.id =
CASE WHEN EXISTS 
(SELECT
FROM api.collection_case AS t737
WHERE t737.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t738 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t739.survivor_id, t738.steps + 1
FROM t738 JOIN api.forward AS t739 ON t739.loser_id = t738.survivor
WHERE t738.steps < 20) SELECT survivor
FROM t738
ORDER BY steps DESC LIMIT 1) END) WHEN 'posting' THEN 
(SELECT ('{"id":"' || (t744.id::text || '"}'))
FROM api.posting AS t744
WHERE t744.id =
CASE WHEN EXISTS 
(SELECT
FROM api.posting AS t741
WHERE t741.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t742 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t743.survivor_id, t742.steps + 1
FROM t742 JOIN api.forward AS t743 ON t743.loser_id = t742.survivor
WHERE t742.steps < 20) SELECT survivor
FROM t742
ORDER BY steps DESC LIMIT 1) END) WHEN 'posting_line' THEN 
(SELECT ('{"id":"' || (t748.id::text || '"}'))
FROM api.posting_line AS t748
WHERE t748.id =
CASE WHEN EXISTS 
(SELECT
FROM api.posting_line AS t745
WHERE t745.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t746 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t747.survivor_id, t746.steps + 1
FROM t746 JOIN api.forward AS t747 ON t747.loser_id = t746.survivor
WHERE t746.steps < 20) SELECT survivor
FROM t746
ORDER BY steps DESC LIMIT 1) END) WHEN 'revenue_schedule' THEN 
(SELECT ('{"id":"' || (t752.id::text || '"}'))
FROM api.revenue_schedule AS t752
WHERE t752.id =
CASE WHEN EXISTS 
(SELECT
FROM api.revenue_schedule AS t749
WHERE t749.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t750 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t751.survivor_id, t750.steps + 1
FROM t750 JOIN api.forward AS t751 ON t751.loser_id = t750.survivor
WHERE t750.steps < 20) SELECT survivor
FROM t750
ORDER BY steps DESC LIMIT 1) END) WHEN 'revenue_schedule_line' THEN 
(SELECT ('{"id":"' || (t756.id::text || '"}'))
FROM api.revenue_schedule_line AS t756
WHERE t756.id =
CASE WHEN EXISTS 
(SELECT
FROM api.revenue_schedule_line AS t753
WHERE t753.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t754 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t755.survivor_id, t754.steps + 1
FROM t754 JOIN api.forward AS t755 ON t755.loser_id = t754.survivor
WHERE t754.steps < 20) SELECT survivor
FROM t754
ORDER BY steps DESC LIMIT 1) END) WHEN 'revenue_event' THEN 
(SELECT ('{"id":"' || (t760.id::text || '"}'))
FROM api.revenue_event AS t760
WHERE t760.id =
CASE WHEN EXISTS 
(SELECT
FROM api.revenue_event AS t757
WHERE t757.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t758 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t759.survivor_id, t758.steps + 1
FROM t758 JOIN api.forward AS t759 ON t759.loser_id = t758.survivor
WHERE t758.steps < 20) SELECT survivor
FROM t758
ORDER BY steps DESC LIMIT 1) END) WHEN 'wip_balance' THEN 
(SELECT ('{"id":"' || (t764.id::text || '"}'))
FROM api.wip_balance AS t764
WHERE t764.id =
CASE WHEN EXISTS 
(SELECT
FROM api.wip_balance AS t761
WHERE t761.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t762 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t763.survivor_id, t762.steps + 1
FROM t762 JOIN api.forward AS t763 ON t763.loser_id = t762.survivor
WHERE t762.steps < 20) SELECT survivor
FROM t762
ORDER BY steps DESC LIMIT 1) END) WHEN 'forecast' THEN 
(SELECT ('{"id":"' || (t768.id::text || '"}'))
FROM api.forecast AS t768
WHERE t768.id =
CASE WHEN EXISTS 
(SELECT
FROM api.forecast AS t765
WHERE t765.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t766 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t767.survivor_id, t766.steps + 1
FROM t766 JOIN api.forward AS t767 ON t767.loser_id = t766.survivor
WHERE t766.steps < 20) SELECT survivor
FROM t766
ORDER BY steps DESC LIMIT 1) END) WHEN 'forecast_line' THEN 
(SELECT ('{"id":"' || (t772.id::text || '"}'))
FROM api.forecast_line AS t772
WHERE t772.id =
CASE WHEN EXISTS 
(SELECT
FROM api.forecast_line AS t769
WHERE t769.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t770 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t771.survivor_id, t770.steps + 1
FROM t770 JOIN api.forward AS t771 ON t771.loser_id = t770.survivor
WHERE t770.steps < 20) SELECT survivor
FROM t770
ORDER BY steps DESC LIMIT 1) END) WHEN 'project_actuals' THEN 
(SELECT ('{"id":"' || (t776.id::text || '"}'))
FROM api.project_actuals AS t776
WHERE t776.id =
CASE WHEN EXISTS 
(SELECT
FROM api.project_actuals AS t773
WHERE t773.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t774 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t775.survivor_id, t774.steps + 1
FROM t774 JOIN api.forward AS t775 ON t775.loser_id = t774.survivor
WHERE t774.steps < 20) SELECT survivor
FROM t774
ORDER BY steps DESC LIMIT 1) END) WHEN 'utilisation_snapshot' THEN 
(SELECT ('{"id":"' || (t780.id::text || '"}'))
FROM api.utilisation_snapshot AS t780
WHERE t780.id =
CASE WHEN EXISTS 
(SELECT
FROM api.utilisation_snapshot AS t777
WHERE t777.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t778 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t779.survivor_id, t778.steps + 1
FROM t778 JOIN api.forward AS t779 ON t779.loser_id = t778.survivor
WHERE t778.steps < 20) SELECT survivor
FROM t778
ORDER BY steps DESC LIMIT 1) END) WHEN 'profitability_snapshot' THEN 
(SELECT ('{"id":"' || (t784.id::text || '"}'))
FROM api.profitability_snapshot AS t784
WHERE t784.id =
CASE WHEN EXISTS 
(SELECT
FROM api.profitability_snapshot AS t781
WHERE t781.id = $3::uuid) THEN $3::uuid
ELSE (WITH RECURSIVE t782 (survivor, steps) AS 
(SELECT survivor_id, 1
FROM api.forward AS f
WHERE loser_id = $3::uuid
UNION ALL SELECT t783.survivor_id, t782.steps + 1
FROM t782 JOIN api.forward AS t783 ON t783.loser_id = t782.survivor
WHERE t782.steps < 20) SELECT survivor
FROM t782
ORDER BY steps DESC LIMIT 1) END) END, 'null'), 'UTF8')
